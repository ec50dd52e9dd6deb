package io.pgconvoy.migration;

import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.model.Failure;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.survey.RunMessages;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Keeps databases from being begun one after the other on a server that is gone, or with a disk that is full, and has the
 * cause told once. When two have failed, or a server has been found to be silent, both servers are tried, and one that does
 * not answer is waited for; nobody waits for a disk. Safe for use by many threads.
 */
final class ServerOutage {
    private static final int FAILURES = 2;
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final List<Server> servers;
    private final Duration patience;
    private final Cancellation cancellation;
    private final RunMessages notes;
    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicInteger fullDisks = new AtomicInteger();
    private Optional<PgconvoyException> gone = Optional.empty();

    ServerOutage(List<Server> servers, Duration patience, Cancellation cancellation, RunMessages notes) {
        this.servers = List.copyOf(servers);
        this.patience = patience;
        this.cancellation = cancellation;
        this.notes = notes;
    }

    /** A database has failed, over whatever. */
    void failed(PgconvoyException failure) {
        if (SharedTrouble.of(failure).filter(SharedTrouble::isFullDisk).isPresent()) {
            fullDisks.incrementAndGet();
        } else {
            failures.incrementAndGet();
        }
    }

    /** Whether nothing more is to be begun. */
    boolean isOver() {
        return isDiskFull() || isServerGone();
    }

    private boolean isDiskFull() {
        return fullDisks.get() >= FAILURES;
    }

    /**
     * Has a database that is under way wait with all others, where a server does not answer, before its next step fails over
     * that.
     *
     * @throws PgconvoyException once a server is given up
     */
    void awaitServers() {
        if (isServerGone()) {
            throw gone().orElseThrow();
        }
    }

    /** Whether a server is given up; waits for one that does not answer. */
    synchronized boolean isServerGone() {
        if (gone.isEmpty() && (failures.get() >= FAILURES || servers.stream().anyMatch(Server::isSilent))) {
            // Others may have waited behind whoever was broken off.
            cancellation.check();
            look(patience);
            failures.set(0);
        }
        return gone.isPresent();
    }

    /** The server that is given up, as the end of the run; told already. */
    synchronized Optional<PgconvoyException> gone() {
        return gone;
    }

    /** The results with a word for each database that failed over what others failed over, too; the cause is told here. */
    List<DatabaseResult> toldOnce(List<DatabaseResult> results) {
        Set<SharedTrouble> shared = EnumSet.noneOf(SharedTrouble.class);
        for (SharedTrouble trouble : SharedTrouble.values()) {
            List<Failure> failed = results.stream()
                    .filter(result -> result.trouble().equals(Optional.of(trouble)))
                    .flatMap(result -> result.failure().stream())
                    .toList();
            if (trouble.isFullDisk() && !failed.isEmpty() && (failed.size() >= FAILURES || isDiskFull())) {
                shared.add(trouble);
                notes.error(failed.get(0)
                        .saying(
                                trouble.words() + ": " + failed.get(0).message(),
                                "Free space there, then run the same command again."));
            } else if (!trouble.isFullDisk() && isGone(trouble, failed.size())) {
                shared.add(trouble);
            }
        }
        return results.stream()
                .map(result -> result.trouble()
                        .filter(shared::contains)
                        .map(trouble -> result.failedFor(trouble))
                        .orElse(result))
                .toList();
    }

    /** Nothing is to be begun any more when this is asked, so nobody waits. */
    private synchronized boolean isGone(SharedTrouble trouble, int failed) {
        if (gone.isEmpty() && failed >= FAILURES && !cancellation.isCancelled()) {
            look(Duration.ZERO);
        }
        return gone.isPresent()
                && servers.stream()
                        .map(Server::side)
                        .anyMatch(
                                side -> ErrorKind.of(side) == gone.get().kind() && SharedTrouble.gone(side) == trouble);
    }

    private void look(Duration most) {
        for (Server server : servers) {
            gone = gone.or(() -> waitFor(server, most));
        }
    }

    private Optional<PgconvoyException> waitFor(Server server, Duration most) {
        long deadline = System.nanoTime() + most.toNanos();
        boolean told = false;
        while (true) {
            try {
                server.greet();
                if (told) {
                    notes.info(server.label() + " is back; going on");
                }
                return Optional.empty();
            } catch (PgconvoyException unreachable) {
                if (System.nanoTime() >= deadline) {
                    if (most.isZero() && SharedTrouble.of(unreachable).isEmpty()) {
                        // It answers, and refuses.
                        return Optional.empty();
                    }
                    PgconvoyException end = new PgconvoyException(
                            ErrorKind.of(server.side()),
                            server.label() + " is gone, so nothing more is begun: " + unreachable.getMessage(),
                            unreachable.hint(),
                            unreachable);
                    notes.error(end);
                    return Optional.of(end);
                }
                if (!told) {
                    notes.passing(server.label() + " does not answer; it is tried for " + most.toSeconds()
                            + " s before the run ends (--reconnect-timeout)");
                    told = true;
                }
            }
            cancellation.check();
            cancellation.await(() -> Thread.sleep(PAUSE.toMillis()));
        }
    }
}
