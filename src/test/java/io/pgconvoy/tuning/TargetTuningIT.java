package io.pgconvoy.tuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pgconvoy.config.ByteSize;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.config.Side;
import io.pgconvoy.journal.JournalFolder;
import io.pgconvoy.journal.JournalStore;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.ServerOptions;
import io.pgconvoy.tuning.TuningRequest.CrashSafety;
import io.pgconvoy.tuning.TuningState.Change;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tunes and reverts real servers, all of them this class's own. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TargetTuningIT {
    private static final TuningRequest ALL = new TuningRequest(
            Optional.of(ByteSize.ofMegabytes(300)), false, new CrashSafety(true, "the target holds nothing else"));
    private static final TuningRequest CAREFUL =
            new TuningRequest(Optional.empty(), false, new CrashSafety(false, "the target also holds \"shop\""));

    private final EmbeddedServer newest = EmbeddedServer.start("18");

    @TempDir
    private Path folder;

    @AfterAll
    void stop() {
        newest.close();
    }

    @BeforeEach
    void forget() throws Exception {
        newest.sql("postgres", "ALTER SYSTEM RESET ALL", "SELECT pg_reload_conf()");
    }

    @ParameterizedTest
    @ValueSource(strings = {"9.5", "9.6", "14", "18"})
    void tunesAServerAndLeavesNoTrace(String version) throws Exception {
        assumeTrue(EmbeddedServer.available(version));
        try (EmbeddedServer server = EmbeddedServer.start(version)) {
            TuningOutcome outcome = tuning(server).apply(ALL);

            assertThat(outcome.warnings()).isEmpty();
            assertThat(outcome.changed())
                    .contains("fsync: on -> off", "max_wal_size: 1GB -> 8GB", "maintenance_work_mem: 64MB -> 300MB");
            assertThat(shown(server, "fsync", "full_page_writes", "synchronous_commit", "autovacuum"))
                    .containsOnly("off");
            assertThat(shown(server, "checkpoint_completion_target", "max_wal_size", "checkpoint_timeout"))
                    .containsExactly("0.9", "8GB", "30min");

            RevertOutcome reverted = tuning(server).revert().orElseThrow();

            assertThat(reverted.warnings()).isEmpty();
            assertThat(reverted.diskSafe()).isTrue();
            assertThat(reverted.restored()).contains("fsync: on again", "max_wal_size: 1GB again");
            assertThat(entries(server)).isEmpty();
            assertThat(shown(server, "fsync", "full_page_writes", "synchronous_commit", "autovacuum"))
                    .containsOnly("on");
            assertThat(TargetTuning.isOwed(journal())).isFalse();
            assertThat(folder.resolve("tuning-reverted.json")).exists();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"9.5", "18"})
    void putsBackEntriesExactlyAsTheyStood(String version) throws Exception {
        assumeTrue(EmbeddedServer.available(version));
        try (EmbeddedServer server = EmbeddedServer.start(version)) {
            server.sql(
                    "postgres",
                    "ALTER SYSTEM SET max_wal_size = ' 1100 MB '",
                    "ALTER SYSTEM SET checkpoint_completion_target = '0.50'",
                    "ALTER SYSTEM SET fsync = 'yEs'",
                    "ALTER SYSTEM SET autovacuum = 'tru'",
                    "ALTER SYSTEM SET checkpoint_timeout = '7min'",
                    "ALTER SYSTEM SET work_mem = '5MB'",
                    "ALTER SYSTEM SET search_path = '$user', 'a\"b', 'it''s'",
                    "ALTER SYSTEM SET log_line_prefix = '%m ''quoted'' \\ {back} '",
                    "SELECT pg_reload_conf()");
            awaitShown(server, "checkpoint_timeout", "7min");
            Map<String, AutoConf.Entry> before = entries(server);

            assertThat(tuning(server).apply(ALL).changed()).contains("checkpoint_timeout: 7min -> 30min");
            assertThat(entries(server)).isNotEqualTo(before);
            tuning(server).revert();

            assertThat(entries(server)).isEqualTo(before).hasSize(8);
            assertThat(shown(server, "max_wal_size", "checkpoint_timeout"))
                    .last()
                    .isEqualTo("7min");
        }
    }

    @Test
    void keepsEntriesThatSomebodyWroteByHand() throws Exception {
        Path autoConf = newest.dataFolder().resolve("postgresql.auto.conf");
        Files.writeString(
                autoConf,
                "FSync = on\nmax_wal_size = 900MB # first\nmax_wal_size = 1200MB\nautovacuum = perhaps\n",
                StandardOpenOption.APPEND);

        TuningOutcome outcome = tuning(newest).apply(ALL);
        assertThat(outcome.warnings()).singleElement().asString().contains("autovacuum", "perhaps");
        assertThat(shown(newest, "fsync", "max_wal_size")).containsExactly("off", "8GB");
        tuning(newest).revert();

        assertThat(entries(newest))
                .containsOnly(
                        Map.entry("fsync", new AutoConf.Entry("on", true)),
                        Map.entry("max_wal_size", new AutoConf.Entry("1200MB", true)),
                        Map.entry("autovacuum", new AutoConf.Entry("perhaps", false)));
    }

    @Test
    void leavesAloneWhatSuits() throws Exception {
        newest.sql(
                "postgres",
                "ALTER SYSTEM SET max_wal_size = '20GB'",
                "ALTER SYSTEM SET checkpoint_timeout = '2h'",
                "ALTER SYSTEM SET maintenance_work_mem = '1GB'",
                "SELECT pg_reload_conf()");
        Map<String, AutoConf.Entry> before = entries(newest);
        awaitShown(newest, "maintenance_work_mem", "1GB");

        TuningOutcome outcome = tuning(newest).apply(ALL);

        assertThat(outcome.left())
                .contains(
                        "max_wal_size: 20GB, left as it is",
                        "checkpoint_timeout: 120min, left as it is",
                        "maintenance_work_mem: 1GB, left as it is");
        tuning(newest).revert();
        assertThat(entries(newest)).isEqualTo(before);
    }

    @Test
    void keepsFsyncOnWhereOtherDatabasesDependOnIt() throws Exception {
        TuningOutcome outcome = tuning(newest).apply(CAREFUL);

        assertThat(outcome.left()).contains("fsync: on, left as it is: the target also holds \"shop\"");
        assertThat(shown(newest, "fsync", "full_page_writes", "autovacuum")).containsExactly("on", "on", "off");
        tuning(newest).revert();
        assertThat(entries(newest)).isEmpty();
    }

    @Test
    void namesWhatTheCommandLineAndTheRolePrevailOver() throws Exception {
        try (EmbeddedServer server = EmbeddedServer.start(
                ServerOptions.of("18").withArguments("-c", "fsync=on", "-c", "maintenance_work_mem=65MB"))) {
            server.sql(
                    "postgres",
                    "ALTER ROLE postgres SET synchronous_commit = 'remote_write'",
                    "ALTER DATABASE postgres SET search_path = 'elsewhere'");

            TuningOutcome outcome = tuning(server).apply(ALL);

            assertThat(outcome.warnings())
                    .hasSize(3)
                    .anyMatch(line -> line.startsWith("fsync: not tuned") && line.contains("command line"))
                    .anyMatch(line -> line.startsWith("maintenance_work_mem: not tuned") && line.contains("65MB"))
                    .anyMatch(line -> line.startsWith("synchronous_commit: not tuned") && line.contains("ALTER ROLE"));
            assertThat(entries(server))
                    .containsKey("full_page_writes")
                    .doesNotContainKeys("fsync", "maintenance_work_mem", "synchronous_commit");
            tuning(server).revert();
            assertThat(entries(server)).isEmpty();
        }
    }

    @Test
    void takesBackWhatAlterSystemDoesNotBringAbout() throws Exception {
        try (EmbeddedServer server =
                EmbeddedServer.start(ServerOptions.of("14").withArguments("-c", "autovacuum=on"))) {
            Change refused = new Change("max_wal_size", Optional.empty(), "plenty", "1GB");
            Change ineffective = new Change("autovacuum", Optional.empty(), "off", "on");
            TuningPlan plan = new TuningPlan(List.of(refused, ineffective), List.of(), List.of());
            journal().write(TuningState.OWED, state(server, plan.changes()));
            Server target = connect(server, "postgres");

            TuningOutcome outcome;
            try (Session session = target.session("test")) {
                outcome = tuning(server).change(session, plan);
            }

            assertThat(outcome.changed()).isEmpty();
            assertThat(outcome.warnings())
                    .anyMatch(line -> line.startsWith("max_wal_size: not tuned: ") && line.contains("plenty"))
                    .anyMatch(line -> line.startsWith("autovacuum: not tuned, as ALTER SYSTEM had no effect"));
            assertThat(entries(server)).isEmpty();
            assertThat(TargetTuning.isOwed(journal())).isFalse();
        }
    }

    @Test
    void keepsTheDebtWhileAlterSystemIsForbidden() throws Exception {
        try (EmbeddedServer server = EmbeddedServer.start("18")) {
            tuning(server).apply(ALL);
            Path conf = server.dataFolder().resolve("postgresql.conf");
            String before = Files.readString(conf);
            Files.writeString(conf, before + "\nallow_alter_system = off\n");
            server.sql("postgres", "SELECT pg_reload_conf()");
            awaitShown(server, "allow_alter_system", "off");

            assertThatThrownBy(() -> tuning(server).revert())
                    .isInstanceOf(PgconvoyException.class)
                    .hasMessageContaining("fsync: ")
                    .hasMessageContaining("ALTER SYSTEM is not allowed");
            assertThat(TargetTuning.isOwed(journal())).isTrue();

            Files.writeString(conf, before);
            server.sql("postgres", "SELECT pg_reload_conf()");
            awaitShown(server, "allow_alter_system", "on");
            assertThat(tuning(server).revert()).isPresent();
            assertThat(entries(server)).isEmpty();
        }
    }

    @Test
    void saysThatAlterSystemIsForbidden() throws Exception {
        try (EmbeddedServer server =
                EmbeddedServer.start(ServerOptions.of("18").withSetting("allow_alter_system", "off"))) {
            TuningOutcome outcome = tuning(server).apply(ALL);

            assertThat(outcome.warnings()).containsExactly("the target is not tuned: allow_alter_system is off");
            assertThat(TargetTuning.isOwed(journal())).isFalse();
        }
    }

    @Test
    void saysThatTheRoleMayNotTune() throws Exception {
        newest.sql("postgres", "DROP ROLE IF EXISTS plain", "CREATE ROLE plain LOGIN");

        TuningOutcome outcome = tuning(newest, "plain").apply(ALL);

        assertThat(outcome.changed()).isEmpty();
        assertThat(outcome.warnings()).singleElement().asString().contains("\"plain\"", "ALTER SYSTEM");
        assertThat(TargetTuning.isOwed(journal())).isFalse();
        assertThat(entries(newest)).isEmpty();
    }

    @Test
    void tunesWhatTheRoleWasGranted() throws Exception {
        newest.sql(
                "postgres",
                "CREATE ROLE tuner LOGIN",
                "GRANT ALTER SYSTEM ON PARAMETER fsync, max_wal_size TO tuner",
                "GRANT SELECT ON pg_file_settings TO tuner",
                "GRANT EXECUTE ON FUNCTION pg_show_all_file_settings(), pg_reload_conf() TO tuner");

        TuningOutcome outcome = tuning(newest, "tuner").apply(ALL);

        assertThat(outcome.changed()).containsExactly("max_wal_size: 1GB -> 8GB", "fsync: on -> off");
        assertThat(outcome.warnings()).anyMatch(line -> line.startsWith("autovacuum: not tuned"));

        RevertOutcome reverted = tuning(newest, "tuner").revert().orElseThrow();

        assertThat(entries(newest)).isEmpty();
        assertThat(reverted.diskSafe()).isFalse();
        assertThat(reverted.warnings())
                .anyMatch(line -> line.startsWith("run CHECKPOINT") && line.contains("role may execute this command"))
                .anyMatch(line -> line.startsWith("run `sync`") && line.contains("pg_execute_server_program"));
        newest.sql("postgres", "DROP OWNED BY tuner", "DROP ROLE tuner");
    }

    @Test
    void revertsWhereverItWasKilled() throws Exception {
        newest.sql("postgres", "ALTER SYSTEM SET checkpoint_timeout = '6min'", "SELECT pg_reload_conf()");
        awaitShown(newest, "checkpoint_timeout", "6min");
        Map<String, AutoConf.Entry> before = entries(newest);
        Server target = connect(newest, "postgres");
        int changes;
        try (Session session = target.session("test")) {
            changes = tuning(newest).prepare(ALL, session).changes().size();
        }
        assertThat(changes).isEqualTo(7);
        for (int made = 0; made <= changes; made++) {
            try (Session session = target.session("test")) {
                List<Change> planned = tuning(newest).prepare(ALL, session).changes();
                assertThat(entries(newest)).isEqualTo(before);
                for (Change change : planned.subList(0, made)) {
                    new AutoConf(session).write(change.name(), Optional.of(change.value()));
                }
                if (made % 2 == 0) {
                    newest.sql("postgres", "SELECT pg_reload_conf()");
                }
            }

            RevertOutcome reverted = tuning(newest).revert().orElseThrow();

            assertThat(reverted.warnings()).isEmpty();
            assertThat(entries(newest)).isEqualTo(before);
            assertThat(shown(newest, "fsync", "checkpoint_timeout")).containsExactly("on", "6min");
        }
    }

    @Test
    void revertsAgainWhatWasHalfReverted() throws Exception {
        tuning(newest).apply(ALL);
        byte[] owed = Files.readAllBytes(stateFile());
        newest.sql("postgres", "ALTER SYSTEM RESET fsync", "ALTER SYSTEM RESET autovacuum");

        assertThat(tuning(newest).revert().orElseThrow().warnings()).isEmpty();
        assertThat(entries(newest)).isEmpty();

        // As if killed after everything but the deletion.
        Files.write(stateFile(), owed);
        assertThat(tuning(newest).revert().orElseThrow().warnings()).isEmpty();
        assertThat(entries(newest)).isEmpty();
        assertThat(tuning(newest).revert()).isEmpty();
    }

    @Test
    void leavesWhatSomebodyChangedMeanwhile() throws Exception {
        tuning(newest).apply(ALL);
        newest.sql("postgres", "ALTER SYSTEM SET max_wal_size = '3GB'");

        RevertOutcome reverted = tuning(newest).revert().orElseThrow();

        assertThat(reverted.warnings())
                .singleElement()
                .asString()
                .contains("max_wal_size: left as it is", "'3GB'", "absent");
        assertThat(entries(newest)).containsOnlyKeys("max_wal_size");
        assertThat(shown(newest, "max_wal_size", "fsync")).containsExactly("3GB", "on");
    }

    @Test
    void staysTunedAfterARestartAndReverts() throws Exception {
        try (EmbeddedServer server = EmbeddedServer.start("14")) {
            tuning(server).apply(ALL);
            server.crash();
            server.restart();
            assertThat(shown(server, "fsync")).containsExactly("off");

            tuning(server).revert();

            assertThat(shown(server, "fsync")).containsExactly("on");
            assertThat(entries(server)).isEmpty();
        }
    }

    @Test
    void keepsTheDebtWhileTheServerIsDown() throws Exception {
        try (EmbeddedServer server = EmbeddedServer.start("14")) {
            TargetTuning tuning = tuning(server);
            tuning.apply(ALL);
            server.stop();

            assertThatThrownBy(tuning::revert).isInstanceOfSatisfying(PgconvoyException.class, failure -> {
                assertThat(failure.kind()).isEqualTo(ErrorKind.TARGET);
                assertThat(failure).hasMessageContaining("the target's tuning is not reverted: cannot connect");
                assertThat(failure.hint())
                        .contains("a crash can destroy the target: ", "fsync is off")
                        .endsWith("pgconvoy revert-tuning --to-host " + server.host() + " --to-port " + server.port()
                                + " --to-user " + server.user() + " --state-dir "
                                + stateFile().getParent().getParent());
            });
            assertThat(TargetTuning.isOwed(journal())).isTrue();

            server.restart();
            assertThat(tuning.revert()).isPresent();
            assertThat(entries(server)).isEmpty();
        }
    }

    @Test
    void touchesNoOtherServer() throws Exception {
        try (EmbeddedServer other = EmbeddedServer.start("14")) {
            tuning(other).apply(ALL);

            assertThatThrownBy(() -> tuning(newest).revert())
                    .isInstanceOf(PgconvoyException.class)
                    .hasMessageContaining("is not the server that was tuned");
            assertThat(TargetTuning.isOwed(journal())).isTrue();
            assertThat(entries(newest)).isEmpty();
        }
    }

    @Test
    void keepsTheDebtWhileTheServerCannotLoadItsConfiguration() throws Exception {
        try (EmbeddedServer server = EmbeddedServer.start("14")) {
            tuning(server).apply(ALL);
            Path conf = server.dataFolder().resolve("postgresql.conf");
            String good = Files.readString(conf);
            Files.writeString(conf, good + "\nthis is = not = a setting\n");

            TuningRevert revert = new TuningRevert(
                    connect(server, "postgres"),
                    tuning(server)::settle,
                    stateFile().toString(),
                    "",
                    Duration.ofMillis(500));
            assertThatThrownBy(
                            () -> revert.revert(journal().read(TuningState.OWED).orElseThrow()))
                    .isInstanceOf(PgconvoyException.class)
                    .hasMessageContaining("did not load its configuration files")
                    .hasMessageContaining("syntax error");
            assertThat(TargetTuning.isOwed(journal())).isTrue();

            Files.writeString(conf, good);
            tuning(server).revert();
            assertThat(shown(server, "fsync")).containsExactly("on");
        }
    }

    @Test
    void doesNotTuneAServerThatCannotLoadItsConfiguration() throws Exception {
        try (EmbeddedServer server = EmbeddedServer.start("14")) {
            Files.writeString(
                    server.dataFolder().resolve("postgresql.conf"),
                    "\nthis is = not = it\n",
                    StandardOpenOption.APPEND);

            assertThat(tuning(server).apply(ALL).warnings())
                    .singleElement()
                    .asString()
                    .contains("syntax error");
            assertThat(entries(server)).isEmpty();
        }
    }

    @Test
    void tunesAndRevertsInAnInterruptedThread() throws Exception {
        TargetTuning tuning = tuning(newest);

        Thread.currentThread().interrupt();
        assertThat(tuning.apply(ALL).changed()).hasSize(7);
        assertThat(tuning.revert()).isPresent();

        assertThat(Thread.interrupted()).isTrue();
        assertThat(entries(newest)).isEmpty();
    }

    @Test
    void doesNotTuneOnceReverted() throws Exception {
        TargetTuning tuning = tuning(newest);
        assertThat(tuning.revert()).isEmpty();

        assertThat(tuning.apply(ALL).changed()).isEmpty();
        assertThat(entries(newest)).isEmpty();
    }

    @Test
    void refusesToTuneOverAnUnpaidDebt() throws Exception {
        tuning(newest).apply(ALL);

        assertThatThrownBy(() -> tuning(newest).apply(ALL)).isInstanceOf(IllegalStateException.class);

        tuning(newest).revert();
        assertThat(entries(newest)).isEmpty();
    }

    @Test
    void saysHowToGoOnWithoutTheStateFile() throws Exception {
        Files.writeString(stateFile(), "{ \"format\": 1, ");

        assertThatThrownBy(() -> tuning(newest).revert()).isInstanceOfSatisfying(PgconvoyException.class, failure -> {
            assertThat(failure.kind()).isEqualTo(ErrorKind.JOURNAL);
            assertThat(failure.hint()).contains("ALTER SYSTEM RESET", "fsync");
        });
    }

    @Test
    void asksTheMachineForItsMemory() throws Exception {
        TargetMemory memory = TargetMemory.ask(connect(newest, "postgres"));

        assumeTrue(Files.exists(Path.of("/proc/meminfo")));
        assertThat(memory.known()).isTrue();
        assertThat(memory.size().megabytes()).isBetween(100L, 100_000_000L);
    }

    @Test
    void guessesTheMemoryFromTheSettings() throws Exception {
        newest.sql("postgres", "DROP ROLE IF EXISTS plain", "CREATE ROLE plain LOGIN");
        assertThat(TargetMemory.ask(connect(newest, "plain")))
                .isEqualTo(new TargetMemory(ByteSize.ofMegabytes(1024), false));

        newest.sql("postgres", "ALTER SYSTEM SET effective_cache_size = '12GB'", "SELECT pg_reload_conf()");
        awaitShown(newest, "effective_cache_size", "12GB");

        assertThat(TargetMemory.ask(connect(newest, "plain")))
                .isEqualTo(new TargetMemory(ByteSize.ofMegabytes(12 * 1024), false));
    }

    private JournalStore journal() {
        return new JournalFolder(folder);
    }

    private Path stateFile() {
        return folder.resolve("tuning.json");
    }

    private TargetTuning tuning(EmbeddedServer server) {
        return tuning(server, "postgres");
    }

    private TargetTuning tuning(EmbeddedServer server, String user) {
        return new TargetTuning(connect(server, user), journal());
    }

    private static Server connect(EmbeddedServer server, String user) {
        return Server.connect(server.endpoint(Side.TARGET, user), "pgconvoy");
    }

    private static TuningState state(EmbeddedServer server, List<Change> changes) {
        return new TuningState(
                TuningState.FORMAT,
                Instant.now(),
                server.host(),
                server.port(),
                Optional.empty(),
                Optional.empty(),
                changes);
    }

    private static Map<String, AutoConf.Entry> entries(EmbeddedServer server) throws Exception {
        try (Session session = server.session("postgres")) {
            return new AutoConf(session).entries();
        }
    }

    private static List<String> shown(EmbeddedServer server, String... names) throws Exception {
        return server.column(
                "postgres", "SELECT current_setting(n) FROM unnest('{" + String.join(",", names) + "}'::text[]) n");
    }

    private static void awaitShown(EmbeddedServer server, String name, String value) {
        await().until(() -> shown(server, name).equals(List.of(value)));
    }
}
