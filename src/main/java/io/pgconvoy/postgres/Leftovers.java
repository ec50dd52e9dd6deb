package io.pgconvoy.postgres;

import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.postgres.concurrent.Cancellation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Ends what a killed run has left: its sessions on the servers, its tools on this machine. */
public final class Leftovers {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration PAUSE = Duration.ofMillis(200);

    private Leftovers() {}

    /**
     * Ends all other sessions of this migration on a server and waits until they are gone; to be called only while
     * holding the journal's lock and before any other session is opened.
     *
     * @return how many there were
     * @throws PgconvoyException where they do not go within 30 s
     */
    public static int endSessions(Server server) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        int first = -1;
        try (Session session = server.session("ending an earlier run's sessions")) {
            while (true) {
                int count = terminate(session);
                first = first < 0 ? count : first;
                if (count == 0) {
                    return first;
                }
                if (System.nanoTime() > deadline) {
                    throw new PgconvoyException(
                            ErrorKind.of(server.side()),
                            server.label() + ": " + count + " sessions of an earlier run do not end",
                            "Look for application_name '" + server.applicationName() + "' in pg_stat_activity.");
                }
                Cancellation.pause(PAUSE);
            }
        }
    }

    /**
     * Asks all other sessions of this migration on a server to end, without waiting for them.
     *
     * @return how many there are
     */
    public static int terminate(Session session) {
        return (int) session.number("""
                SELECT count(*), count(pg_catalog.pg_terminate_backend(pid))
                  FROM pg_catalog.pg_stat_activity
                 WHERE application_name = ? AND usename = session_user AND pid <> pg_catalog.pg_backend_pid()
                """, session.server().applicationName());
    }

    /** Ends every process of this user that has this folder among its arguments: a dump or a restore left behind. */
    public static void endProcessesOn(Path folder) {
        String path = folder.toString();
        List<ProcessHandle> left = ProcessHandle.allProcesses()
                .filter(process -> process.pid() != ProcessHandle.current().pid())
                .filter(process -> process.info()
                        .arguments()
                        .map(arguments -> Arrays.stream(arguments)
                                .anyMatch(argument -> argument.equals(path) || argument.endsWith("=" + path)))
                        .orElse(false))
                .toList();
        left.forEach(ProcessHandle::destroy);
        CompletableFuture<?> all =
                CompletableFuture.allOf(left.stream().map(ProcessHandle::onExit).toArray(CompletableFuture[]::new));
        try {
            all.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException stubborn) {
            left.forEach(ProcessHandle::destroyForcibly);
        } catch (InterruptedException wish) {
            Thread.currentThread().interrupt();
            throw Cancellation.interrupted();
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
