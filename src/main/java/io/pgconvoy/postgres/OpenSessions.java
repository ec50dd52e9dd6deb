package io.pgconvoy.postgres;

import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.postgres.concurrent.Daemon;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A run's sessions on one server, all of which a cancellation breaks off, whatever they are at: not every query that might
 * wait for a silent server, or for somebody's lock, has to think of that. Where the server is found to be silent, they are
 * broken off as well, and so are the tools at work on it. Safe for use by many threads.
 */
final class OpenSessions {
    private static final Logger log = LoggerFactory.getLogger(OpenSessions.class);

    /** By the session, whether a cancellation leaves it alone. Who forgets to close one has it collected as ever. */
    private final Map<Connection, Boolean> open = new WeakHashMap<>();

    /** How to end the tools at work. */
    private final Set<Runnable> tools = new LinkedHashSet<>();

    private boolean cancelled;
    private boolean silent;

    private OpenSessions() {}

    /** Those that the cancellation is to break off; for as long as it lives. */
    static OpenSessions of(Cancellation cancellation) {
        OpenSessions sessions = new OpenSessions();
        // Never closed: it lives as long as the run, and so do the sessions.
        var unused = cancellation.onCancel(sessions::cancel);
        return sessions;
    }

    /** @param undisturbed whether a cancellation leaves it alone */
    void add(Connection connection, boolean undisturbed) {
        boolean late;
        synchronized (this) {
            open.keySet().removeIf(OpenSessions::isClosed);
            open.put(connection, undisturbed);
            late = cancelled && !undisturbed;
        }
        if (late) {
            breakOff(connection);
        }
    }

    /** Takes a tool down that is at work on the server, until {@link #ended}. */
    synchronized void started(Runnable end) {
        tools.add(end);
    }

    synchronized void ended(Runnable end) {
        tools.remove(end);
    }

    /** Whether the server has not answered for too long, and does not yet. */
    synchronized boolean isSilent() {
        return silent;
    }

    /** The server answers. */
    synchronized void answered() {
        silent = false;
    }

    /** The server has not answered for too long. */
    void silent() {
        List<Connection> all;
        List<Runnable> atWork;
        synchronized (this) {
            silent = true;
            all = new ArrayList<>(open.keySet());
            atWork = new ArrayList<>(tools);
        }
        breakOff(all);
        atWork.forEach(Runnable::run);
    }

    private void cancel() {
        List<Connection> all = new ArrayList<>();
        synchronized (this) {
            cancelled = true;
            open.forEach((connection, undisturbed) -> {
                if (!undisturbed) {
                    all.add(connection);
                }
            });
        }
        breakOff(all);
    }

    private static void breakOff(List<Connection> connections) {
        connections.forEach(connection -> Daemon.start("break-off", () -> breakOff(connection)));
    }

    private static void breakOff(Connection connection) {
        try {
            if (!connection.isClosed()) {
                Cancellation.breakOff(connection);
            }
        } catch (SQLException gone) {
            log.debug("breaking off a session", gone);
        }
    }

    private static boolean isClosed(Connection connection) {
        try {
            return connection.isClosed();
        } catch (SQLException gone) {
            return true;
        }
    }
}
