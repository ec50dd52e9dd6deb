package io.pgconvoy.preflight.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.PgconvoyProcess;
import io.pgconvoy.testing.Quote;
import io.pgconvoy.testing.ServerOptions;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the rehearsal of {@code check} and {@code migrate} finds, and that it leaves nothing behind. */
class SchemaRehearsalIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String ODD = "odd \"name\"/\nof = it";
    private static final String SCRATCH = "SELECT datname FROM pg_database WHERE datname LIKE 'pgconvoy%'";

    private static EmbeddedServer source;
    private static EmbeddedServer target;

    @TempDir
    private Path folder;

    @BeforeAll
    static void fill() throws SQLException {
        source = EmbeddedServer.start(ServerOptions.of("9.6").withoutSync());
        target = EmbeddedServer.start("18");
        source.sql(
                "postgres",
                "CREATE ROLE \"only here\"",
                "CREATE DATABASE " + Quote.identifier(ODD) + " OWNER \"only here\"",
                "CREATE DATABASE fine",
                "CREATE DATABASE plain",
                "CREATE DATABASE \"rows\"",
                "CREATE DATABASE large");
        source.sql(ODD, """
                CREATE TABLE public."old times" (a abstime, b integer);
                CREATE INDEX "on old" ON public."old times" (b);
                COMMENT ON TABLE public."old times" IS 'gone';
                ALTER TABLE public."old times" OWNER TO "only here";
                CREATE AGGREGATE public.gather(anyelement) (SFUNC = array_append, STYPE = anyarray, INITCOND = '{}');
                CREATE EXTENSION pg_stat_statements;
                GRANT EXECUTE ON FUNCTION pg_stat_statements_reset() TO "only here";
                """);
        // By the server, so that it is its own.
        String space = source.folder() + "/space";
        source.sql(
                "postgres",
                "COPY (SELECT 1 WHERE false) TO PROGRAM " + Quote.literal("mkdir '" + space + "'"),
                "CREATE TABLESPACE \"a \"\"space\" LOCATION " + Quote.literal(space));
        source.sql("fine", """
                CREATE TABLE spaced (a integer PRIMARY KEY) TABLESPACE "a ""space";
                CREATE TABLE guarded (a integer);
                ALTER TABLE guarded ENABLE ROW LEVEL SECURITY;
                CREATE POLICY for_one ON guarded TO "only here" USING (true);
                COMMENT ON POLICY for_one ON guarded IS 'theirs';
                GRANT SELECT ON guarded TO "only here";
                ALTER DEFAULT PRIVILEGES FOR ROLE "only here" GRANT SELECT ON TABLES TO PUBLIC;
                """);
        source.sql("rows", """
                CREATE TABLE parent (id integer PRIMARY KEY);
                CREATE TABLE orphans (id integer CONSTRAINT to_parent REFERENCES parent);
                CREATE TABLE heirs (id integer CONSTRAINT also_to_parent REFERENCES parent);
                INSERT INTO parent VALUES (1);
                INSERT INTO heirs VALUES (1), (NULL);
                SET session_replication_role = replica;
                INSERT INTO orphans VALUES (2);
                RESET session_replication_role;

                CREATE FUNCTION known(integer) RETURNS boolean LANGUAGE sql
                    AS 'SELECT EXISTS (SELECT FROM public.parent WHERE id = $1)';
                CREATE TABLE asks (id integer CHECK (public.known(id)));
                INSERT INTO asks VALUES (1);

                CREATE FUNCTION good(integer) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN true; END';
                CREATE TABLE once_good (id integer CHECK (public.good(id)));
                CREATE TABLE still_good (id integer CHECK (public.good(id)));
                CREATE TABLE not_valid (id integer);
                INSERT INTO once_good VALUES (-1);
                INSERT INTO still_good VALUES (1);
                INSERT INTO not_valid VALUES (-1);
                ALTER TABLE not_valid ADD CHECK (public.good(id)) NOT VALID;
                CREATE OR REPLACE FUNCTION good(integer) RETURNS boolean LANGUAGE plpgsql IMMUTABLE
                    AS 'BEGIN RETURN $1 > 0; END';
                CREATE FUNCTION refuses() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no''; END';
                CREATE TRIGGER always BEFORE INSERT ON still_good FOR EACH ROW EXECUTE PROCEDURE refuses();
                ALTER TABLE still_good ENABLE ALWAYS TRIGGER always;
                """);
        source.sql(
                "large",
                "DO $$ BEGIN FOR i IN 1..1500 LOOP EXECUTE 'CREATE TABLE t' || i || ' (id serial PRIMARY KEY, a text)';"
                        + " END LOOP; END $$");
    }

    @AfterAll
    static void end() {
        source.close();
        target.close();
    }

    @Test
    void namesEachErrorWithItsObjectAndSqlAndDropsWhatItMade() throws SQLException, IOException {
        PgconvoyProcess.Result result = check("--exclude-db=large", "--exclude-db=rows");

        assertThat(result.exitCode()).as(result.stderr()).isEqualTo(13);
        List<String> blockers = new ArrayList<>();
        JsonNode json = new ObjectMapper().readTree(Files.readString(folder.resolve("check.json")));
        assertThat(json.get("exit_code").asInt()).isEqualTo(13);
        json.get("findings").forEach(finding -> {
            if (finding.get("check").asText().equals("schema-rehearsal")
                    && finding.get("severity").asText().equals("blocker")) {
                JsonNode place = finding.get("places").get(0);
                blockers.add(place.get("database").asText() + " | "
                        + place.get("object").asText() + " | "
                        + finding.get("what").asText() + " | "
                        + finding.get("sql").asText().lines().findFirst().orElse(""));
            }
        });
        assertThat(blockers)
                .containsExactlyInAnyOrder(
                        ODD + " | TABLE public old times only here | type \"abstime\" does not exist"
                                + " | CREATE TABLE \"public\".\"old times\" (",
                        ODD + " | AGGREGATE public gather(\"anyelement\") postgres"
                                + " | function array_append(anyarray, anyelement) does not exist"
                                + " | CREATE AGGREGATE \"public\".\"gather\"(\"anyelement\") (",
                        // Once its role is there, which a migration makes before.
                        ODD + " | ACL public FUNCTION \"pg_stat_statements_reset\"() postgres"
                                + " | function public.pg_stat_statements_reset() does not exist"
                                + " | GRANT ALL ON FUNCTION \"public\".\"pg_stat_statements_reset\"() TO \"only here\";");
        assertThat(result.stdout()).contains("more errors follow").contains("SQL: CREATE TABLE");
        assertThat(target.column("postgres", SCRATCH)).isEmpty();
        assertThat(target.column("postgres", "SELECT rolname FROM pg_roles WHERE rolname = 'only here'"))
                .isEmpty();
        assertThat(folder.resolve("dumps")).isEmptyDirectory();
    }

    @Test
    void namesRowsThatTheTargetWillRefuse() throws IOException {
        PgconvoyProcess.Result result = check("--include-db=rows");

        assertThat(result.exitCode()).as(result.stderr()).isEqualTo(13);
        List<String> found = new ArrayList<>();
        new ObjectMapper()
                .readTree(Files.readString(folder.resolve("check.json")))
                .get("findings")
                .forEach(finding -> finding.get("places")
                        .forEach(place -> found.add(finding.get("severity").asText() + " "
                                + finding.get("check").asText() + ": "
                                + place.get("object").asText())));
        assertThat(found)
                .filteredOn(text -> text.contains(" sample-rows: "))
                .containsExactlyInAnyOrder(
                        "blocker sample-rows: foreign key to_parent on table public.orphans",
                        "warning sample-rows: table public.asks, constraint asks_id_check (reads public.parent)",
                        "blocker sample-rows: table public.once_good");
    }

    @Test
    void blocksNothingWhereAllCanBeRestoredOrTheUserKnowsBetter() throws SQLException {
        PgconvoyProcess.Result fine = check("--include-db=fine");
        assertThat(fine.exitCode()).as(fine.stdout()).isZero();
        assertThat(fine.stdout()).doesNotContain("schema-rehearsal");

        PgconvoyProcess.Result without = check("--exclude-db=large", "--exclude-db=rows", "--no-rehearse-schema");
        assertThat(without.stdout()).doesNotContain("schema-rehearsal");

        PgconvoyProcess.Result ignored =
                check("--exclude-db=large", "--exclude-db=rows", "--ignore-check=schema-rehearsal");
        assertThat(ignored.stdout()).contains("warning  schema-rehearsal");
        assertThat(target.column("postgres", SCRATCH)).isEmpty();
    }

    @Test
    void dropsWhatItMadeWhenInterruptedAndAfterAKillByTheNextOne() throws SQLException {
        try (PgconvoyProcess stopped = start("check", "--include-db=large")) {
            awaitScratch();
            stopped.signal("TERM");
            assertThat(stopped.await(PATIENCE).exitCode()).isEqualTo(130);
            assertThat(target.column("postgres", SCRATCH)).isEmpty();
        }
        try (PgconvoyProcess killed = start("check", "--include-db=large")) {
            awaitScratch();
            killed.signal("KILL");
            killed.await(PATIENCE);
        }
        assertThat(target.column("postgres", SCRATCH)).hasSize(1);
        try (Connection other = otherRehearsal()) {
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(target.value(
                                    "postgres",
                                    "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'pgconvoy%'"))
                            .isEqualTo("1"));

            PgconvoyProcess.Result next = check("--include-db=fine");

            assertThat(next.exitCode()).as(next.stderr()).isZero();
            assertThat(next.stderr()).contains("left by a run that died");
            // That of a rehearsal which is alive stays.
            assertThat(target.column("postgres", SCRATCH)).containsExactly("pgconvoy_rehearsal_0123456789abcdef_1");
        } finally {
            target.sql("postgres", "DROP DATABASE IF EXISTS pgconvoy_rehearsal_0123456789abcdef_1");
        }
    }

    @Test
    void dropsWhatIsStillThereAtTheEndOfARehearsalThatWasStopped() throws SQLException {
        Server server;
        try (Session session = target.session("postgres")) {
            server = session.server();
        }
        try (ScratchDatabases.Presence presence = new ScratchDatabases(server, "00000000000000aa").open()) {
            target.sql("postgres", "CREATE DATABASE pgconvoy_rehearsal_00000000000000aa_1");
            server.cancellation().cancel();
        }

        assertThat(target.column("postgres", SCRATCH)).isEmpty();
    }

    @Test
    void migrateRehearsesWhatTakesLongToMove() throws SQLException, IOException {
        // It counts as the database's, and takes no room.
        Path hole = source.dataFolder()
                .resolve("base/" + source.value("postgres", "SELECT oid FROM pg_database WHERE datname = 'rows'")
                        + "/4294967294");
        try (RandomAccessFile file = new RandomAccessFile(hole.toFile(), "rw")) {
            file.setLength(5L << 30);
        }
        try {
            PgconvoyProcess.Result refused = run("migrate", "--include-db=rows");

            assertThat(refused.exitCode()).as(refused.stderr()).isEqualTo(13);
            assertThat(refused.stderr())
                    .contains("rehearsing the schema of database \"rows\"; --no-rehearse-schema")
                    .contains("table public.once_good");
            assertThat(target.column("postgres", "SELECT datname FROM pg_database"))
                    .doesNotContain("rows")
                    .noneMatch(name -> name.startsWith("pgconvoy"));
            assertThat(run("migrate", "--include-db=rows", "--dry-run").stderr())
                    .doesNotContain("rehearsing");
        } finally {
            Files.delete(hole);
        }
    }

    @Test
    void migrateLeavesNothingOfAKilledRehearsalAndRehearsesNoSmallDatabase() throws SQLException, IOException {
        try (PgconvoyProcess killed = start("migrate", "--include-db=large", "--rehearse-schema")) {
            awaitScratch();
            killed.signal("KILL");
            killed.await(PATIENCE);
        }
        assertThat(target.column("postgres", SCRATCH)).hasSize(1);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(target.value(
                                "postgres",
                                "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'pgconvoy%'"))
                        .isEqualTo("0"));
        try {
            PgconvoyProcess.Result next = run("migrate", "--include-db=plain", "--migrate-globals=false");

            assertThat(next.exitCode()).as(next.stderr()).isZero();
            assertThat(next.stderr())
                    .contains("left by a run that died")
                    .doesNotContain("rehearsing")
                    .doesNotContain("the target also holds");
            assertThat(target.column("postgres", SCRATCH)).isEmpty();
            try (Stream<Path> left = Files.list(folder.resolve("dumps"))) {
                assertThat(left.map(Path::getFileName).map(Path::toString))
                        .noneMatch(name -> name.startsWith("rehearsal"));
            }
        } finally {
            target.sql("postgres", "DROP DATABASE IF EXISTS plain");
        }
    }

    @Test
    void dropsWhatStatementsAboutBytesLeftBehind() throws SQLException {
        target.sql("postgres", "CREATE DATABASE pgconvoy_bytes_0123456789abcdef_0");

        PgconvoyProcess.Result next = check("--include-db=fine");

        assertThat(next.exitCode()).as(next.stderr()).isZero();
        assertThat(target.column("postgres", "SELECT 1 FROM pg_database WHERE datname LIKE 'pgconvoy_bytes%'"))
                .isEmpty();
    }

    private Connection otherRehearsal() throws SQLException {
        target.sql("postgres", "CREATE DATABASE pgconvoy_rehearsal_0123456789abcdef_1");
        Connection connection = target.connect("postgres");
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET application_name = 'pgconvoy_rehearsal_0123456789abcdef'");
        }
        return connection;
    }

    private void awaitScratch() {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .untilAsserted(
                        () -> assertThat(target.column("postgres", SCRATCH)).isNotEmpty());
    }

    private PgconvoyProcess.Result check(String... more) {
        return run("check", more);
    }

    private PgconvoyProcess.Result run(String command, String... more) {
        try (PgconvoyProcess pgconvoy = start(command, more)) {
            return pgconvoy.await(PATIENCE);
        }
    }

    private PgconvoyProcess start(String command, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                command,
                "--from-host=" + source.host(),
                "--from-port=" + source.port(),
                "--to-host=" + target.host(),
                "--to-port=" + target.port(),
                "--state-dir=" + folder.resolve("state"),
                "--dump-root=" + folder.resolve("dumps"),
                "--summary-json=" + folder.resolve("check.json")));
        arguments.addAll(List.of(more));
        return PgconvoyProcess.start(arguments, Map.of());
    }
}
