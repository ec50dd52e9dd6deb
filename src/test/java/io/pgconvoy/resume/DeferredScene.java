package io.pgconvoy.resume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.PgconvoyProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A {@link Scene} of one database with deferred tables, {@code app}, and further ones without. Not thread-safe. */
final class DeferredScene implements AutoCloseable {
    static final String APP = "app";
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    private final Scene scene;
    private final HeldDump heldDump;
    private final List<String> options = new ArrayList<>(
            List.of("--delay-table-data", "app.big", "--delay-table-data", "app.log", "--part-size", "1MB"));

    DeferredScene(EmbeddedServer source, EmbeddedServer target, Path folder, String... more) throws SQLException {
        scene = new Scene(source, target, folder).withExisting(APP);
        heldDump = new HeldDump(folder.resolve("tools"), APP);
        options.addAll(List.of("--pg-bin", heldDump.folder().toString()));
        options.addAll(List.of(more));
        DeferredContent.create(source, APP);
    }

    /** Moves one after app, too, that is like it, but nothing of it is deferred. */
    DeferredScene with(String database) throws SQLException {
        DeferredContent.create(source(), database);
        source().sql(database, "TRUNCATE big CASCADE");
        options.addAll(List.of("--order", "size-desc", "--restore-parallel", "2"));
        scene.withExisting(database);
        return this;
    }

    Scene scene() {
        return scene;
    }

    EmbeddedServer source() {
        return scene.source();
    }

    EmbeddedServer target() {
        return scene.target();
    }

    PgconvoyProcess start() {
        return scene.start(options.toArray(String[]::new));
    }

    PgconvoyProcess.Result run() {
        return scene.run(options.toArray(String[]::new));
    }

    /** Runs it to its end, which must be a good one. */
    PgconvoyProcess.Result complete() {
        PgconvoyProcess.Result result = run();
        assertThat(result.exitCode()).as(result.stdout() + result.stderr()).isZero();
        return result;
    }

    Path marker(String step) {
        return scene.marker(APP, step);
    }

    void deleteMarkers(String... steps) throws IOException {
        for (String step : steps) {
            Files.delete(marker(step));
        }
    }

    void awaitMarker(PgconvoyProcess run, String step) {
        await().atMost(PATIENCE)
                .ignoreExceptionsMatching(UncheckedIOException.class::isInstance)
                .failFast(() -> assertThat(run.isAlive())
                        .as(() -> run.await(PATIENCE).toString())
                        .isTrue())
                .until(() -> Files.exists(marker(step)));
    }

    /** Waits until a run's session on a server is in this state, a condition on pg_stat_activity. */
    void awaitSession(PgconvoyProcess run, EmbeddedServer server, String condition) {
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

    /** Waits until a run waits for a lock with such a statement. */
    void awaitLock(PgconvoyProcess run, EmbeddedServer server, String query) {
        awaitSession(run, server, "wait_event_type = 'Lock' AND query LIKE '" + query + "'");
    }

    /** Waits until a run waits at a gate of app's. */
    void awaitGate(PgconvoyProcess run) {
        awaitGate(run, APP);
    }

    void awaitGate(PgconvoyProcess run, String database) {
        awaitSession(run, target(), "wait_event = 'PgSleep' AND datname = '" + database + "'");
    }

    /** Has the next run's pg_dump wait at its end. */
    Obstacle holdUpDump() {
        return heldDump.hold();
    }

    void awaitDump() {
        heldDump.awaitReached(PATIENCE);
    }

    /** Has the next run wait while the parts of big are dumped; call the result's {@link PartsHold#awaitReached}. */
    PartsHold holdUpParts() {
        return new PartsHold();
    }

    /** In the way of big's parts alone: the run has locked the table by then, and an index when it reads a part. */
    final class PartsHold implements AutoCloseable {
        private final Obstacle dump = holdUpDump();
        private Obstacle big = () -> {};

        /** Waits until a run dumps the parts, and nothing is in the way of its restore. */
        void awaitReached(PgconvoyProcess run) throws SQLException {
            awaitDump();
            big = Obstacle.transaction(source(), APP, "REINDEX INDEX big_text");
            dump.close();
            awaitLock(run, source(), "COPY%big%");
        }

        @Override
        public void close() {
            dump.close();
            big.close();
        }
    }

    /** Has the load of one part wait, for a client that may or may not commit a row with a key of that part. */
    Obstacle holdUpPart() throws SQLException {
        // As a run that was killed in the load leaves it, so that the next one gets by without that lock.
        target().sql(APP, "ALTER TABLE big ENABLE TRIGGER see");
        return Obstacle.transaction(target(), APP, "INSERT INTO big VALUES (15990, 1, 'mine')");
    }

    /** Waits until a run waits there, and the other parts are loaded. */
    void awaitPart(PgconvoyProcess run) {
        awaitLock(run, target(), "COPY%big%");
        await().atMost(PATIENCE).ignoreExceptions().until(() -> loadedParts() >= 3);
    }

    static void kill(PgconvoyProcess run) {
        run.signal("KILL");
        assertThat(run.await(Scene.PATIENCE).exitCode()).isEqualTo(137);
    }

    /** The parts that are loaded for good. */
    int loadedParts() throws SQLException {
        return Integer.parseInt(target().value(APP, "SELECT count(*) FROM pgconvoy_" + scene.id() + ".loaded_parts"));
    }

    /** @param committed the ids of clients' rows */
    void assertMoved(Set<Long> committed) throws SQLException {
        DeferredContent.assertMoved(source(), target(), APP, committed);
        scene.assertNothingIsLeft();
        assertThat(scene.dumps()).isEmpty();
    }

    @Override
    public void close() throws SQLException {
        scene.close();
    }
}
