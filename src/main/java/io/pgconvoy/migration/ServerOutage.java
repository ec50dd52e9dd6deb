package io.pgconvoy.migration;

import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.postgres.Cancellation;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.report.Event.Level;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;

/**
 * Keeps databases from being begun one after the other on a server that is gone: when two have failed, both servers are
 * tried, and one that does not answer is waited for. Safe for use by many threads.
 */
final class ServerOutage {
    private static final int FAILURES = 2;
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final List<Server> servers;
    private final Duration patience;
    private final Cancellation cancellation;
    private final BiConsumer<Level, String> tell;
    private final AtomicInteger failures = new AtomicInteger();
    private Optional<PgconvoyException> gone = Optional.empty();

    ServerOutage(List<Server> servers, Duration patience, Cancellation cancellation, BiConsumer<Level, String> tell) {
        this.servers = List.copyOf(servers);
        this.patience = patience;
        this.cancellation = cancellation;
        this.tell = tell;
    }

    /** A database has failed, over whatever. */
    void failed() {
        failures.incrementAndGet();
    }

    /** Whether a server is given up, so that nothing more is begun. */
    synchronized boolean isOver() {
        if (gone.isEmpty() && failures.get() >= FAILURES) {
            for (Server server : servers) {
                gone = gone.or(() -> waitFor(server));
            }
            failures.set(0);
        }
        return gone.isPresent();
    }

    private Optional<PgconvoyException> waitFor(Server server) {
        long deadline = System.nanoTime() + patience.toNanos();
        boolean told = false;
        while (true) {
            cancellation.check();
            try {
                Server.connect(server.endpoint(), server.applicationName());
                if (told) {
                    tell.accept(Level.INFO, server.label() + " is back; going on");
                }
                return Optional.empty();
            } catch (PgconvoyException unreachable) {
                if (System.nanoTime() > deadline) {
                    tell.accept(
                            Level.ERROR,
                            server.label() + " is gone, so nothing more is begun: " + unreachable.getMessage());
                    return Optional.of(new PgconvoyException(
                            ErrorKind.of(server.side()), unreachable.getMessage(), unreachable.hint(), unreachable));
                }
                if (!told) {
                    tell.accept(
                            Level.WARNING,
                            server.label() + " does not answer; it is tried for " + patience.toSeconds()
                                    + " s before the run ends (--reconnect-timeout)");
                    told = true;
                }
            }
            cancellation.await(() -> Thread.sleep(PAUSE.toMillis()));
        }
    }
}
