package io.pgconvoy.resume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.PgconvoyProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * A moment of a run at which it can be held up for as long as a test likes: by a lock that the test holds, or by a file
 * in the target's data folder that a function in the database waits for.
 */
enum Moment {
    /** The target is tuned, globals are at work. */
    TUNED("lock pg_authid"),
    /** The source's tables are being locked for the dump. */
    LOCK("lock the source's table"),
    /** pg_dump is at work. */
    DUMP("hold the tool up"),
    /** The dump is marked as complete, the database is to be created. */
    CREATE("lock pg_database"),
    /** pg_restore is at work. */
    RESTORE(Content.RESTORE_GATE),
    /** The restore is marked as complete, tables are being analyzed. */
    ANALYZE(Content.ANALYZE_GATE),
    /** The target's rows are being counted. */
    VERIFY(Content.ANALYZE_GATE),
    /** The database is verified, its settings are being applied. */
    SETTINGS("lock pg_db_role_setting"),
    /** All databases are complete, the settings of all roles are being applied; what is left is the tuning's revert. */
    LAST("lock pg_db_role_setting");

    private static final Duration PATIENCE = Duration.ofSeconds(40);

    private final String means;

    Moment(String means) {
        this.means = means;
    }

    /** Holds a run up until closed. */
    static final class Holdup implements AutoCloseable {
        private final Moment moment;
        private final Scene scene;
        private final String database;
        private final Deque<AutoCloseable> means = new ArrayDeque<>();
        private HeldDump heldDump;

        private Holdup(Moment moment, Scene scene, String database) {
            this.moment = moment;
            this.scene = scene;
            this.database = database;
        }

        /** Waits until a run got there. */
        void awaitReached(PgconvoyProcess run) throws Exception {
            switch (moment) {
                case RESTORE, ANALYZE -> awaitWaiting(run, scene.target(), "wait_event = 'PgSleep'");
                case VERIFY -> {
                    awaitWaiting(run, scene.target(), "wait_event = 'PgSleep'");
                    lock(scene.target(), database, "plain", "ACCESS EXCLUSIVE");
                    means.removeLast().close();
                    awaitWaiting(run, scene.target(), "wait_event_type = 'Lock'");
                }
                case LOCK -> awaitWaiting(run, scene.source(), "wait_event_type = 'Lock'");
                case DUMP ->
                    await().atMost(PATIENCE)
                            .failFast(() -> assertThat(run.isAlive())
                                    .as(() -> run.await(PATIENCE).toString())
                                    .isTrue())
                            .until(heldDump::isReached);
                case TUNED, CREATE, SETTINGS, LAST -> awaitWaiting(run, scene.target(), "wait_event_type = 'Lock'");
            }
        }

        private static void awaitWaiting(PgconvoyProcess run, EmbeddedServer server, String condition) {
            await().atMost(PATIENCE)
                    .failFast(() -> assertThat(run.isAlive())
                            .as(() -> run.await(PATIENCE).toString())
                            .isTrue())
                    .untilAsserted(() -> assertThat(server.column(
                                    "postgres",
                                    "SELECT query FROM pg_stat_activity WHERE application_name LIKE 'pgconvoy %' AND "
                                            + condition))
                            .isNotEmpty());
        }

        private void lock(EmbeddedServer server, String in, String table, String mode) throws SQLException {
            Connection connection = server.connect(in);
            means.addFirst(connection);
            try (Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                statement.execute("LOCK TABLE " + table + " IN " + mode + " MODE");
            }
        }

        private void holdDump() {
            heldDump = scene.heldDump(database);
            means.addFirst(heldDump.holdBefore());
        }

        private void gate(String name) throws IOException {
            Path file = scene.target().dataFolder().resolve(name);
            Files.writeString(file, "");
            means.addFirst(() -> Files.deleteIfExists(file));
        }

        @Override
        public void close() {
            while (!means.isEmpty()) {
                try {
                    means.removeFirst().close();
                } catch (SQLException crashed) {
                    // The server is gone, and the lock with it.
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }
        }
    }

    /** Has the next run wait at this moment of a database's way. */
    Holdup holdUp(Scene scene, String database) throws Exception {
        Holdup holdup = new Holdup(this, scene, database);
        switch (this) {
            case TUNED -> holdup.lock(scene.target(), "postgres", "pg_authid", "SHARE");
            case LOCK -> holdup.lock(scene.source(), database, "plain", "ACCESS EXCLUSIVE");
            case DUMP -> holdup.holdDump();
            case CREATE -> holdup.lock(scene.target(), "postgres", "pg_database", "SHARE");
            case RESTORE, ANALYZE, VERIFY -> holdup.gate(means);
            case SETTINGS, LAST -> holdup.lock(scene.target(), "postgres", "pg_db_role_setting", "SHARE");
        }
        return holdup;
    }
}
