package io.pgconvoy.postgres;

import io.pgconvoy.config.DatabaseName;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a server's sessions on a database for the next who asks, while somebody {@linkplain #keep wants that}: a session costs
 * the server a process and its catalog caches, which for a small database is more than all that is asked in it. Safe for use
 * by many threads.
 */
final class KeptSessions {
    private static final Logger log = LoggerFactory.getLogger(KeptSessions.class);

    private static final Duration ANSWER = Duration.ofSeconds(5);

    private final Map<DatabaseName, Kept> databases = new HashMap<>();

    /** Those of one database, and how many may be kept by all who want that. */
    private static final class Kept {
        private final Deque<Connection> idle = new ArrayDeque<>();
        private int most;
    }

    /**
     * Has them kept until that is closed.
     *
     * @param most so many more, at least 1: each idle one is a connection that nobody else can have
     */
    synchronized Server.Keeping keep(DatabaseName database, int most) {
        databases.computeIfAbsent(database, name -> new Kept()).most += most;
        AtomicBoolean open = new AtomicBoolean(true);
        return () -> {
            if (open.getAndSet(false)) {
                leave(database, most).forEach(KeptSessions::end);
            }
        };
    }

    /** Ends one that is idle, and keeps so many fewer until that is closed; only for who has them {@linkplain #keep kept}. */
    Server.Keeping keepFewer(DatabaseName database) {
        take(database).ifPresent(KeptSessions::end);
        leave(database, 1).forEach(KeptSessions::end);
        return () -> keep(database, 1);
    }

    /** Returns what is not to be kept any more; what is at work is closed by who uses it. */
    private synchronized List<Connection> leave(DatabaseName database, int most) {
        Kept kept = databases.get(database);
        kept.most -= most;
        if (kept.most == 0) {
            databases.remove(database);
        }
        List<Connection> ended = new ArrayList<>();
        while (kept.idle.size() > kept.most) {
            ended.add(kept.idle.removeFirst());
        }
        return ended;
    }

    /** One that is kept, else a new one; closing it keeps it. */
    Session session(Server server, DatabaseName database, String doing) {
        for (Optional<Connection> kept = take(database); kept.isPresent(); kept = take(database)) {
            if (isThere(kept.get())) {
                return session(server, database, kept.get(), doing);
            }
            end(kept.get());
        }
        return session(server, database, server.open(database), doing);
    }

    private Session session(Server server, DatabaseName database, Connection connection, String doing) {
        return new Session(server, database, connection, doing).endingWith(() -> giveBack(database, connection));
    }

    private synchronized Optional<Connection> take(DatabaseName database) {
        return Optional.ofNullable(databases.get(database)).map(kept -> kept.idle.pollLast());
    }

    /** The server may have gone, or ended it, since. */
    private static boolean isThere(Connection connection) {
        try {
            return connection.isValid((int) ANSWER.toSeconds());
        } catch (SQLException gone) {
            return false;
        }
    }

    private void giveBack(DatabaseName database, Connection connection) {
        if (!isClean(connection) || !add(database, connection)) {
            end(connection);
        }
    }

    private synchronized boolean add(DatabaseName database, Connection connection) {
        Kept kept = databases.get(database);
        return kept != null && kept.idle.size() < kept.most && kept.idle.add(connection);
    }

    private static boolean isClean(Connection connection) {
        try {
            return !connection.isClosed()
                    && connection.getAutoCommit()
                    && connection.unwrap(BaseConnection.class).getTransactionState() == TransactionState.IDLE;
        } catch (SQLException gone) {
            return false;
        }
    }

    private static void end(Connection connection) {
        try {
            connection.close();
        } catch (SQLException gone) {
            log.debug("closing a session", gone);
        }
    }
}
