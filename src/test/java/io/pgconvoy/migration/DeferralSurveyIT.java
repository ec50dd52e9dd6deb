package io.pgconvoy.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.TablePattern;
import io.pgconvoy.config.VerifyLevel;
import io.pgconvoy.journal.DeferralMarkers.Deferred;
import io.pgconvoy.journal.DeferralMarkers.DeferredTable;
import io.pgconvoy.journal.Journal;
import io.pgconvoy.journal.Journals;
import io.pgconvoy.journal.Markers.Dumped;
import io.pgconvoy.journal.ServerIdentity;
import io.pgconvoy.journal.Step;
import io.pgconvoy.model.Span;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.PgconvoyProcess;
import io.pgconvoy.testing.Quote;
import io.pgconvoy.testing.ServerState;
import io.pgconvoy.testing.TestDatabases;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a run finds out about its deferred tables before it changes anything. */
class DeferralSurveyIT {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final EmbeddedServer target = EmbeddedServer.shared("18");
    private final List<TestDatabases> databases = new ArrayList<>();

    @TempDir
    private Path folder;

    @AfterEach
    void dropDatabases() throws SQLException {
        for (TestDatabases made : databases) {
            made.close();
        }
        target.sql("postgres", "DROP ROLE IF EXISTS clerk");
    }

    @ParameterizedTest
    @ValueSource(strings = {"9.6", "14"})
    void findsTablesOfEveryName(String version) throws SQLException {
        List<String> names =
                List.of("a.b", "two words", "new\nline", "all*", "why?", "quo\"te", "back\\slash", "Größe/x");
        EmbeddedServer source = EmbeddedServer.shared(version);
        String database = create(source, "sur vey.\"*\n");
        for (String name : names) {
            source.sql(
                    database,
                    "CREATE SCHEMA " + Quote.identifier(name),
                    "CREATE TABLE " + Quote.identifier(name) + "." + Quote.identifier(name) + " (i integer)");
        }
        source.sql(database, "CREATE TABLE \"allx\" (i integer)", "CREATE TABLE \"whyx\" (i integer)");
        DatabaseName quoted = new DatabaseName(database);

        Move.Moved moved = preview(
                source,
                database,
                names.stream()
                        .map(name -> delay(TablePattern.of(quoted, name, name)))
                        .toArray(String[]::new));

        assertThat(moved.exitCode()).as(moved.output()).isZero();
        assertThat(deferred(moved))
                .containsExactlyInAnyOrderElementsOf(names.stream()
                        .map(name -> name.replace("\n", "\\n"))
                        .map(name -> name + "." + name)
                        .toList());
    }

    @Test
    void findsWhatIsBelowAPartitionedTable() throws SQLException {
        EmbeddedServer source = EmbeddedServer.shared("14");
        String database = create(source, "survey");
        source.sql(database, """
                CREATE SCHEMA log;
                CREATE TABLE events (y integer, m integer) PARTITION BY LIST (y);
                CREATE TABLE log.e2025 PARTITION OF events FOR VALUES IN (2025);
                CREATE TABLE log.e2026 PARTITION OF events FOR VALUES IN (2026) PARTITION BY LIST (m);
                CREATE TABLE log.jan PARTITION OF log.e2026 FOR VALUES IN (1);
                CREATE TABLE log.feb PARTITION OF log.e2026 FOR VALUES IN (2);
                CREATE TABLE parent (i integer);
                CREATE TABLE child () INHERITS (parent);
                """);

        assertThat(deferred(preview(source, database, delay(database + ".events"))))
                .containsExactly("log.e2025", "log.feb", "log.jan");
        assertThat(deferred(preview(source, database, delay(database + ".log.e2026"), delay(database + ".parent"))))
                .containsExactly("log.feb", "log.jan", "public.parent");
        assertThat(deferred(preview(source, database, delay(database + ".log.j?n"))))
                .containsExactly("log.jan");
    }

    @ParameterizedTest
    @ValueSource(strings = {"9.6", "14"})
    void findsTablesBySizeWithoutTheirIndexes(String version) throws SQLException {
        EmbeddedServer source = EmbeddedServer.shared(version);
        String database = create(source, "survey");
        source.sql(database, """
                CREATE TABLE big AS SELECT repeat('x', 1000) AS t FROM generate_series(1, 2000);
                CREATE TABLE indexed AS SELECT i FROM generate_series(1, 20000) i;
                CREATE INDEX ON indexed (i);
                CREATE INDEX ON indexed (i, (i + 1));
                CREATE TABLE toasted (t text);
                ALTER TABLE toasted ALTER t SET STORAGE EXTERNAL;
                INSERT INTO toasted VALUES (repeat('x', 2000000));
                CREATE TABLE owned AS SELECT * FROM big;
                ALTER EXTENSION plpgsql ADD TABLE owned;
                CREATE MATERIALIZED VIEW shown AS SELECT * FROM big;
                """);

        Move.Moved moved =
                preview(source, database, "--delay-larger-than=1500kB", "--ignore-check=extension-additions");

        assertThat(moved.exitCode()).as(moved.output()).isZero();
        assertThat(deferred(moved)).containsExactly("public.big", "public.toasted");
        assertThat(moved.result().stdout()).containsPattern("2\\.[0-9] MB +its table public\\.big");
    }

    @ParameterizedTest
    @ValueSource(strings = {"9.6", "14"})
    void refusesPatternsThatMatchNothing(String version) throws SQLException {
        EmbeddedServer source = EmbeddedServer.shared(version);
        String database = create(source, "survey");
        source.sql(
                database,
                "CREATE TABLE orders (i integer)",
                "CREATE TABLE \"order items\" (i integer)",
                "CREATE VIEW overview AS SELECT * FROM orders");
        List<ServerState> before = List.of(ServerState.of(source), ServerState.of(target));
        String[] patterns = {
            "--include-db=" + database,
            delay(database + ".orders"),
            delay(database + ".Orders"),
            delay(database + ".sales.orders"),
            delay(database + ".overview"),
            delay("x" + database + ".orders")
        };

        for (Move.Moved moved :
                List.of(new Move(source, target, folder).run(patterns), preview(source, database, patterns))) {
            assertThat(moved.exitCode()).as(moved.output()).isEqualTo(2);
            assertThat(moved.result().stderr())
                    .contains("pgconvoy: --delay-table-data: ")
                    .contains("'" + database + ".Orders' matches no table (near: " + database + ".public.orders, "
                            + database + ".public.\"order items\")")
                    .contains("'" + database + ".sales.orders' matches no table (near: " + database + ".public.orders")
                    .contains("'" + database + ".overview' matches no table")
                    .contains("'x" + database + ".orders' is about database \"x" + database
                            + "\", which the source does not have (near: " + database)
                    .contains("\nhint: ")
                    .doesNotContain("'" + database + ".orders'")
                    .doesNotContain("\tat ");
        }
        assertThat(List.of(ServerState.of(source), ServerState.of(target))).isEqualTo(before);
    }

    @Test
    void checkRefusesPatternsThatMatchNothing() throws SQLException {
        EmbeddedServer source = EmbeddedServer.shared("14");
        String database = create(source, "survey");
        source.sql(database, "CREATE TABLE orders (i integer)");
        List<String> arguments = List.of(
                "check",
                "--from-host=" + source.host(),
                "--from-port=" + source.port(),
                "--to-host=" + target.host(),
                "--to-port=" + target.port(),
                "--state-dir=" + folder.resolve("state"),
                "--no-rehearse-schema",
                "--include-db=" + database.replaceAll("[*?\\\\\n]", "?"),
                delay(database + ".orders"),
                delay(database + ".Orders"));

        try (PgconvoyProcess pgconvoy = PgconvoyProcess.start(arguments, Map.of(), folder)) {
            PgconvoyProcess.Result check = pgconvoy.await(Duration.ofSeconds(60));

            assertThat(check.exitCode()).as(check.stderr()).isEqualTo(2);
            assertThat(check.stderr()).contains("'" + database + ".Orders' matches no table (near: ");
        }
    }

    @Test
    void leavesDatabasesOfOtherRunsAlone() throws SQLException {
        EmbeddedServer source = EmbeddedServer.shared("14");
        String database = create(source, "survey");
        String other = create(source, "another");

        Move.Moved moved = preview(source, database, delay(other + ".nosuch"));

        assertThat(moved.exitCode()).as(moved.output()).isZero();
        assertThat(moved.result().stderr()).contains("database \"" + other + "\" is not moved in this run");
        assertThat(deferred(moved)).isEmpty();
    }

    @Test
    void goesByWhatACompleteDumpDeferred() throws SQLException {
        EmbeddedServer source = EmbeddedServer.shared("14");
        String database = create(source, "survey");
        String oid = source.value("postgres", "SELECT oid FROM pg_database WHERE datname = " + Quote.literal(database));
        mark(source, database, Long.parseLong(oid));

        Move.Moved moved = preview(source, database, delay(database + ".nosuch"));

        assertThat(moved.exitCode()).as(moved.output()).isZero();
        assertThat(deferred(moved)).containsExactly("public.was");

        mark(source, database, Long.parseLong(oid) + 1);

        assertThat(preview(source, database, delay(database + ".nosuch")).exitCode())
                .isEqualTo(2);
    }

    @Test
    void refusesAUserWhoMayNotLoad() throws SQLException {
        EmbeddedServer source = EmbeddedServer.shared("14");
        String database = create(source, "survey");
        source.sql(database, "CREATE TABLE orders (i integer)");
        target.sql("postgres", "CREATE ROLE clerk LOGIN CREATEDB");
        String[] options = {"--include-db=" + database, "--to-user=clerk", delay(database + ".orders")};
        ServerState before = ServerState.of(target);

        Move.Moved refused = new Move(source, target, folder).run(options);

        assertThat(refused.exitCode()).as(refused.output()).isEqualTo(13);
        assertThat(refused.result().stderr())
                .contains("role clerk may not set session_replication_role")
                .contains("hint: GRANT SET ON PARAMETER session_replication_role");
        assertThat(ServerState.of(target)).isEqualTo(before);

        assertThat(preview(source, database, "--to-user=clerk").exitCode()).isZero();
        target.sql("postgres", "GRANT SET ON PARAMETER session_replication_role TO clerk");
        try {
            assertThat(preview(source, database, options).exitCode()).isZero();
        } finally {
            target.sql("postgres", "REVOKE SET ON PARAMETER session_replication_role FROM clerk");
        }
    }

    @Test
    void isInterruptedWhileATableIsLocked() throws SQLException {
        EmbeddedServer source = EmbeddedServer.shared("14");
        String database = create(source, "survey");
        source.sql(database, "CREATE TABLE orders (i integer)");
        try (Connection connection = source.connect(database);
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("LOCK TABLE orders");
            try (PgconvoyProcess run =
                    new Move(source, target, folder).start("--include-db=" + database, delay(database + ".orders"))) {
                await().atMost(PATIENCE)
                        .until(() -> !source.column(database, "SELECT 1 FROM pg_locks WHERE NOT granted")
                                .isEmpty());
                run.signal("TERM");

                assertThat(run.await(PATIENCE).exitCode()).isEqualTo(130);
            }
        }
    }

    private String create(EmbeddedServer server, String prefix) throws SQLException {
        TestDatabases made = TestDatabases.on(server);
        databases.add(made);
        return made.create(prefix);
    }

    private Move.Moved preview(EmbeddedServer source, String database, String... options) {
        return new Move(source, target, folder)
                .run(Stream.concat(
                                Stream.of("--dry-run", "--include-db=" + database.replaceAll("[*?\\\\\n]", "?")),
                                Stream.of(options))
                        .toArray(String[]::new));
    }

    private static String delay(String pattern) {
        return "--delay-table-data=" + pattern;
    }

    /** The tables that a preview says come last. */
    private static List<String> deferred(Move.Moved moved) {
        return moved.result()
                .stdout()
                .lines()
                .filter(line -> line.endsWith(" comes last"))
                .map(line -> line.replaceFirst(".* its table (.*) comes last", "$1"))
                .toList();
    }

    /** Writes the journal of a run that ended behind a dump with one deferred table. */
    private void mark(EmbeddedServer source, String database, long oid) throws SQLException {
        String identifier = "SELECT system_identifier FROM pg_control_system()";
        Span span = new Span(Instant.EPOCH, Duration.ZERO);
        DeferredTable table = new DeferredTable(1, "public", "was", 5_000_000, List.of(), false);
        Path dumpRoot = folder.resolve("dumps");
        assertThat(Files.exists(dumpRoot)).isFalse();
        try (Journal journal = Journal.open(
                new Journals(folder.resolve("state"))
                        .between(source.host(), source.port(), target.host(), target.port()),
                new ServerIdentity(source.host(), source.port(), source.value("postgres", identifier)),
                new ServerIdentity(target.host(), target.port(), target.value("postgres", identifier)),
                dumpRoot,
                VerifyLevel.COUNT)) {
            var markers = journal.database(new DatabaseName(database));
            markers.write(
                    Step.DEFERRED,
                    new Deferred(
                            database, "UTF8", List.of(table), List.of(), List.of(), List.of(), List.of(), List.of()));
            markers.write(
                    Step.DUMPED,
                    new Dumped(
                            database,
                            oid,
                            dumpRoot.toString(),
                            0,
                            span,
                            span,
                            VerifyLevel.COUNT,
                            true,
                            List.of(),
                            Optional.empty(),
                            Optional.empty()));
        }
    }
}
