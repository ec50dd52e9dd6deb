package io.pgconvoy.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sessions of a run, all of which a cancellation breaks off, whatever they are at: not every query that might wait for
 * a silent server, or for somebody's lock, has to think of that. Safe for use by many threads.
 */
final class OpenSessions {
    private static final Logger log = LoggerFactory.getLogger(OpenSessions.class);

    /** Who forgets to close one has it collected as ever. */
    private final Set<Connection> open = Collections.newSetFromMap(new WeakHashMap<>());

    private boolean broken;

    private OpenSessions() {}

    /** Those that the cancellation is to break off; for as long as it lives. */
    static OpenSessions of(Cancellation cancellation) {
        OpenSessions sessions = new OpenSessions();
        // Never closed: it lives as long as the run, and so do the sessions.
        var unused = cancellation.onCancel(sessions::breakOff);
        return sessions;
    }

    void add(Connection connection) {
        boolean late;
        synchronized (this) {
            open.removeIf(OpenSessions::isClosed);
            open.add(connection);
            late = broken;
        }
        if (late) {
            breakOff(connection);
        }
    }

    private void breakOff() {
        List<Connection> all;
        synchronized (this) {
            broken = true;
            all = new ArrayList<>(open);
        }
        for (Connection connection : all) {
            Thread thread = new Thread(() -> breakOff(connection), "break-off");
            thread.setDaemon(true);
            thread.start();
        }
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
