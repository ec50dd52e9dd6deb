package io.pgconvoy.resume;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.PgconvoyProcess;
import io.pgconvoy.testing.ServerOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A database that refuses connections, and whatever ends the run that has opened it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClosedDatabaseIT {
    private static final String OPTION = "--open-closed-databases";
    private static final String CLOSED = "false, limit 7, template true";
    private static final String OPEN = "true, limit 0, template true";

    private final EmbeddedServer source =
            EmbeddedServer.start(ServerOptions.of("9.6").withoutSync());
    private final EmbeddedServer target = EmbeddedServer.start("18");

    @AfterAll
    void stop() {
        source.close();
        target.close();
    }

    @Test
    void isRefusedUnlessItMayBeOpened(@TempDir Path folder) throws Exception {
        try (Scene scene = new Scene(source, target, folder).with("app").with("open")) {
            close(source);

            PgconvoyProcess.Result refused = scene.run();

            assertThat(refused.exitCode()).as(refused.stderr()).isEqualTo(3);
            assertThat(refused.stdout()).contains("database \"app\" accepts no connections", OPTION, "--exclude-db");
            assertThat(state(source)).isEqualTo(CLOSED);

            PgconvoyProcess.Result moved = scene.run(OPTION, "--delay-table-data", "app.public.plain");

            assertThat(moved.exitCode()).as(moved.stderr()).isZero();
            assertThat(moved.stdout()).doesNotContain("database \"app\"");
            assertMoved(scene);
            // Nothing is left to be opened for on the source; the target's is opened, looked at and closed.
            close(source);
            close(target);
            Files.delete(scene.marker("app", "verified"));
            assertThat(scene.run().exitCode()).isZero();
            assertThat(List.of(state(source), state(target))).containsOnly(CLOSED);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"DUMP", "RESTORE"})
    void killedIsClosedAndGoneOnWithByTheNextRun(Moment moment, @TempDir Path folder) throws Exception {
        try (Scene scene = new Scene(source, target, folder).with("app")) {
            stopAt(moment, "KILL", scene);
            assertThat(state(source)).isEqualTo(moment == Moment.DUMP ? OPEN : CLOSED);
            assertThat(Files.exists(opened(scene))).isEqualTo(moment == Moment.DUMP);
            scene.awaitNoTools();

            if (moment == Moment.DUMP) {
                PgconvoyProcess.Result refused = scene.run();

                assertThat(refused.exitCode()).as(refused.stderr()).isEqualTo(3);
                assertThat(refused.stderr())
                        .contains("of what an earlier run opened, database \"app\" refuses connections again");
                assertThat(refused.stdout()).contains("database \"app\" accepts no connections");
                assertThat(state(source)).isEqualTo(CLOSED);
                assertThat(opened(scene)).doesNotExist();
            }

            // What is dumped needs no opening.
            PgconvoyProcess.Result result = moment == Moment.DUMP ? scene.run(OPTION) : scene.run();

            assertThat(result.exitCode()).as(result.stderr()).isZero();
            assertMoved(scene);
        }
    }

    @Test
    void killedIsClosedByCommandAndByAnotherMigration(@TempDir Path folder) throws Exception {
        try (Scene scene = new Scene(source, target, folder).with("app")) {
            stopAt(Moment.DUMP, "KILL", scene);
            scene.awaitNoTools();

            PgconvoyProcess.Result result = closeDatabases(scene);

            assertThat(result.exitCode()).as(result.stderr()).isZero();
            assertThat(result.stdout()).contains("database \"app\" refuses connections again");
            assertThat(state(source)).isEqualTo(CLOSED);
            assertThat(closeDatabases(scene).stdout()).contains("there is no database to close");

            open(source);
            stopAt(Moment.DUMP, "KILL", scene);
            scene.awaitNoTools();
            // The same source by another address, and so another journal.
            PgconvoyProcess.Result other = PgconvoyProcess.run(
                    List.of(
                            "migrate",
                            "--from-host=localhost",
                            "--from-port=" + source.port(),
                            "--to-host=" + target.host(),
                            "--to-port=" + target.port(),
                            "--state-dir=" + scene.stateDir(),
                            "--dump-root=" + folder.resolve("other"),
                            "--include-db=app"),
                    Map.of(),
                    Scene.PATIENCE);

            assertThat(other.stderr()).contains("database \"app\" refuses connections again");
            assertThat(other.exitCode()).isEqualTo(3);
            assertThat(state(source)).isEqualTo(CLOSED);
        }
    }

    @Test
    void staysOpenForARunIntoAnotherTargetAndIsClosedByTheLast(@TempDir Path folder) throws Exception {
        EmbeddedServer elsewhere = EmbeddedServer.shared("18");
        try (Scene late = new Scene(source, target, folder.resolve("late")).with("app");
                Scene early = new Scene(source, elsewhere, folder.resolve("early")).withExisting("app");
                Moment.Holdup holdup = Moment.DUMP.holdUp(late, "app")) {
            close(source);
            try (PgconvoyProcess run = late.start(OPTION)) {
                holdup.awaitReached(run);

                PgconvoyProcess.Result first = early.run(OPTION);

                assertThat(first.exitCode()).as(first.stdout() + first.stderr()).isZero();
                assertThat(first.stderr())
                        .contains("database \"app\" stays open on the source until the last run ends");
                assertThat(List.of(state(source), state(elsewhere))).containsExactly(OPEN, CLOSED);
                holdup.close();
                PgconvoyProcess.Result last = run.await(Scene.PATIENCE);
                assertThat(last.exitCode()).as(last.stdout() + last.stderr()).isZero();
                assertThat(state(target)).isEqualTo(CLOSED);
            }
            assertThat(state(source)).isEqualTo(CLOSED);
        }
    }

    @Test
    void isClosedByAnInterruptedRun(@TempDir Path folder) throws Exception {
        try (Scene scene = new Scene(source, target, folder).with("app")) {
            PgconvoyProcess.Result interrupted = stopAt(Moment.DUMP, "TERM", scene);

            assertThat(interrupted.exitCode()).as(interrupted.stderr()).isEqualTo(130);
            assertThat(state(source)).isEqualTo(CLOSED);
            assertThat(opened(scene)).doesNotExist();
            scene.assertNothingIsLeftRunning();

            PgconvoyProcess.Result result = scene.run(OPTION);

            assertThat(result.exitCode()).as(result.stderr()).isZero();
            assertMoved(scene);
        }
    }

    @Test
    void isClosedWhenItsDumpFails(@TempDir Path folder) throws Exception {
        try (Scene scene = new Scene(source, target, folder).with("app")) {
            try (Moment.Holdup holdup = Moment.DUMP.holdUp(scene, "app")) {
                close(source);
                try (PgconvoyProcess run = scene.start(OPTION)) {
                    holdup.awaitReached(run);
                    scene.toolProcesses("pg_dump").forEach(ProcessHandle::destroyForcibly);

                    PgconvoyProcess.Result result = run.await(Scene.PATIENCE);

                    assertThat(result.exitCode()).as(result.stderr()).isEqualTo(3);
                }
            }
            assertThat(state(source)).isEqualTo(CLOSED);
            assertThat(opened(scene)).doesNotExist();
        }
    }

    /** Runs until the moment, and ends it there by a signal. */
    private PgconvoyProcess.Result stopAt(Moment moment, String signal, Scene scene) throws Exception {
        try (Moment.Holdup holdup = moment.holdUp(scene, "app")) {
            close(source);
            try (PgconvoyProcess run = scene.start(OPTION)) {
                holdup.awaitReached(run);
                if (moment == Moment.DUMP) {
                    assertThat(state(source)).isEqualTo(OPEN);
                }
                run.signal(signal);
                return run.await(Scene.PATIENCE);
            }
        }
    }

    private PgconvoyProcess.Result closeDatabases(Scene scene) {
        return PgconvoyProcess.run(
                List.of(
                        "close-databases",
                        "--from-host=" + source.host(),
                        "--from-port=" + source.port(),
                        "--state-dir=" + scene.stateDir()),
                Map.of(),
                Scene.PATIENCE);
    }

    private void assertMoved(Scene scene) throws SQLException {
        assertThat(List.of(state(source), state(target))).containsOnly(CLOSED);
        assertThat(opened(scene)).doesNotExist();
        open(source);
        open(target);
        scene.assertMoved();
    }

    /** The file that says what is open, of the one journal there is. */
    private static Path opened(Scene scene) {
        try (var journals = Files.list(scene.stateDir())) {
            return journals.filter(journal -> journal.getFileName().toString().startsWith("127"))
                    .findFirst()
                    .orElseThrow()
                    .resolve("opened-databases.json");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void close(EmbeddedServer server) throws SQLException {
        server.sql("postgres", "ALTER DATABASE app ALLOW_CONNECTIONS false CONNECTION LIMIT 7 IS_TEMPLATE true");
    }

    private static void open(EmbeddedServer server) throws SQLException {
        server.sql("postgres", "ALTER DATABASE app ALLOW_CONNECTIONS true");
    }

    private static String state(EmbeddedServer server) throws SQLException {
        return server.value(
                "postgres",
                "SELECT datallowconn || ', limit ' || datconnlimit || ', template ' || datistemplate FROM pg_database"
                        + " WHERE datname = 'app'");
    }
}
