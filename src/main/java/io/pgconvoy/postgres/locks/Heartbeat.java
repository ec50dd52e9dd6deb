package io.pgconvoy.postgres.locks;

import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.SqlFailure;
import io.pgconvoy.postgres.concurrent.Daemon;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Says a word now and then in a session that is idle for hours, but must not be lost: keepalives go unseen by proxies that
 * forget a connection without data. While the session is at a query, it waits for that.
 */
final class Heartbeat implements AutoCloseable {
    private static final Duration PAUSE = Duration.ofSeconds(10);

    private final Session session;
    private final Daemon daemon;

    /** Of no use any more once the session is lost. */
    private final Set<Runnable> dependants = new LinkedHashSet<>();

    private Optional<SqlFailure> lost = Optional.empty();

    private Heartbeat(String name, Session session, Duration pause) {
        this.session = session;
        this.daemon = Daemon.start(name, beating -> {
            boolean goesOn = true;
            while (goesOn && beating.goesOn(pause)) {
                goesOn = beats(beating);
            }
        });
    }

    static Heartbeat start(String name, Session session) {
        return start(name, session, PAUSE);
    }

    static Heartbeat start(String name, Session session, Duration pause) {
        return new Heartbeat(name, session, pause);
    }

    /** Returns whether there is anything to keep. */
    private boolean beats(Daemon beating) {
        try {
            session.execute("SELECT 1");
            return true;
        } catch (PgconvoyException failure) {
            // A transaction that has failed refuses it, and its session goes on.
            if (!session.isClosed()) {
                return true;
            }
            // A cancellation ends by itself what depends on the session.
            if (!beating.isClosed() && failure instanceof SqlFailure sql) {
                lose(sql);
            }
            return false;
        }
    }

    private void lose(SqlFailure failure) {
        List<Runnable> all;
        synchronized (this) {
            lost = Optional.of(failure);
            all = new ArrayList<>(dependants);
        }
        all.forEach(Runnable::run);
    }

    /** Has something done as soon as the session is found to be lost, until {@link #forget}. */
    void whenLost(Runnable end) {
        boolean late;
        synchronized (this) {
            dependants.add(end);
            late = lost.isPresent();
        }
        if (late) {
            end.run();
        }
    }

    synchronized void forget(Runnable end) {
        dependants.remove(end);
    }

    /** Why the session is lost. */
    synchronized Optional<SqlFailure> lost() {
        return lost;
    }

    @Override
    public void close() {
        daemon.close();
    }
}
