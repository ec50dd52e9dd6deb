package io.pgconvoy.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.config.ByteSize;
import io.pgconvoy.config.ParallelismRequest;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Severity;
import io.pgconvoy.preflight.database.DatabaseChecks;
import io.pgconvoy.preflight.database.LockTableCheck;
import io.pgconvoy.preflight.server.AlterSystemCheck;
import io.pgconvoy.preflight.server.ConnectionCheck;
import io.pgconvoy.preflight.server.DumpSpaceCheck;
import io.pgconvoy.preflight.server.ExistingDatabaseCheck;
import io.pgconvoy.preflight.server.ExistingRoleCheck;
import io.pgconvoy.preflight.server.MinorReleaseCheck;
import io.pgconvoy.preflight.server.OtherDatabaseCheck;
import io.pgconvoy.preflight.server.PreloadedLibraryCheck;
import io.pgconvoy.preflight.server.PrivilegeCheck;
import io.pgconvoy.preflight.server.ReadOnlyCheck;
import io.pgconvoy.preflight.server.ReplicationSlotCheck;
import io.pgconvoy.preflight.server.RoleNameCheck;
import io.pgconvoy.preflight.server.RolePasswordCheck;
import io.pgconvoy.preflight.server.ServerChecks;
import io.pgconvoy.preflight.server.ServerSettingsCheck;
import io.pgconvoy.preflight.server.SourceActivityChecks;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.Quote;
import io.pgconvoy.testing.ServerOptions;
import io.pgconvoy.testing.TestDatabases;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the checks of the servers find on 14 and 18, and that they find nothing where there is nothing. */
class ServerChecksIT {
    private static final String SHOP = "o'shop";

    private static EmbeddedServer source;
    private static EmbeddedServer target;

    @BeforeAll
    static void startServers() throws SQLException {
        source = EmbeddedServer.start(ServerOptions.of("14")
                .withoutSync()
                .withSetting("max_prepared_transactions", "5")
                .withSetting("wal_level", "logical")
                .withSetting("max_connections", "150")
                .withSetting("session_preload_libraries", "auto_explain"));
        target = EmbeddedServer.start(ServerOptions.of("18").withSetting("max_prepared_transactions", "5"));
        source.sql("postgres", "CREATE DATABASE " + Quote.identifier(SHOP));
        source.sql(SHOP, "CREATE TABLE t (i integer)");
    }

    @AfterAll
    static void stopServers() {
        Stream.of(source, target).filter(server -> server != null).forEach(EmbeddedServer::close);
    }

    @Test
    void findNothingWhereThereIsNothing() throws SQLException {
        for (Check check : Stream.concat(ServerChecks.all().stream(), DatabaseChecks.all().stream())
                .filter(check -> !Set.of("server-settings", "preloaded-libraries", "minor-releases")
                        .contains(check.name()))
                .toList()) {
            assertThat(check().run(check, SHOP)).as(check.name()).isEmpty();
        }
    }

    @Test
    void compareMinorReleases() throws SQLException {
        Check check = new MinorReleaseCheck();

        assertThat(check().withVersions(140024, 180006, 180006).run(check)).isEmpty();
        assertThat(texts(check().withVersions(150020, 180006, 180006).run(check)))
                .satisfiesExactly(
                        text -> assertThat(text)
                                .startsWith("WARNING target ")
                                .contains("18.6 of August 2026, older than the source's 15.20 of November 2026"),
                        text -> assertThat(text)
                                .startsWith("WARNING pg_dump ")
                                .contains("18.6 of August 2026, older than the source's 15.20"));
        assertThat(texts(check().withVersions(90503, 180007, 180006).run(check)))
                .singleElement()
                .asString()
                .contains("older than the client tools' 18.7 of November 2026");
    }

    @Test
    void tellWhatIsPreloadedAndSetOnTheSourceOnly() throws SQLException {
        assertThat(texts(check().run(new PreloadedLibraryCheck())))
                .containsExactly("WARNING libraries that the source preloads and the target does not: auto_explain");
        assertThat(texts(check().run(new ServerSettingsCheck())))
                .singleElement()
                .asString()
                .startsWith("NOTE ")
                .contains("max_connections = 150 (the target: 100)", "wal_level = logical (the target: replica)");
        assertThat(other().run(new PreloadedLibraryCheck())).isEmpty();
        // initdb of 18 has checksums by default.
        assertThat(texts(other().run(new ServerSettingsCheck())))
                .singleElement()
                .asString()
                .endsWith(": data_checksums = on (the target: off)");
    }

    @Test
    void findWhatGoesOnInTheSource() throws SQLException {
        source.sql(SHOP, "SELECT pg_create_logical_replication_slot('events', 'test_decoding')");
        source.sql("postgres", "SELECT pg_create_physical_replication_slot('standby')");
        try (Connection session = source.connect(SHOP);
                Statement statement = session.createStatement()) {
            statement.execute("BEGIN; INSERT INTO t VALUES (1); PREPARE TRANSACTION 'two; phases'");

            assertThat(texts(check().run(SourceActivityChecks.preparedTransactions(), SHOP)))
                    .singleElement()
                    .asString()
                    .startsWith("WARNING prepared transactions stay behind")
                    .endsWith("database \"o'shop\": 'two; phases'");
            assertThat(check().run(SourceActivityChecks.preparedTransactions(), "postgres"))
                    .isEmpty();
            assertThat(texts(check().run(new ReplicationSlotCheck(), SHOP)))
                    .satisfiesExactly(
                            text -> assertThat(text)
                                    .startsWith("WARNING logical replication slots")
                                    .endsWith("database \"o'shop\": slot events"),
                            text -> assertThat(text)
                                    .isEqualTo("NOTE physical replication slots stay behind: slot standby"));
        } finally {
            source.sql(SHOP, "ROLLBACK PREPARED 'two; phases'", "SELECT pg_drop_replication_slot('events')");
            source.sql("postgres", "SELECT pg_drop_replication_slot('standby')");
        }
    }

    @Test
    void findWhatPgDumpWillWaitFor() throws SQLException {
        try (Connection session = source.connect(SHOP);
                Statement statement = session.createStatement()) {
            statement.execute("BEGIN; LOCK TABLE t; SELECT txid_current()");
            int process = Integer.parseInt(source.value(
                    "postgres", "SELECT pid FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation >= 16384"));

            // A lock of a moment is not worth a word.
            assertThat(check().run(SourceActivityChecks.exclusiveLocks(Duration.ofHours(1)), SHOP))
                    .isEmpty();
            assertThat(texts(check().run(SourceActivityChecks.exclusiveLocks(Duration.ZERO), SHOP)))
                    .singleElement()
                    .asString()
                    .startsWith("WARNING sessions hold or await ACCESS EXCLUSIVE locks")
                    .endsWith("database \"o'shop\": process " + process + ", 1 table");
            assertThat(check().run(SourceActivityChecks.longTransactions(Duration.ofHours(1)), SHOP))
                    .isEmpty();
            assertThat(texts(check().run(SourceActivityChecks.longTransactions(Duration.ZERO), SHOP)))
                    .singleElement()
                    .asString()
                    .startsWith("NOTE transactions that have written")
                    .contains("database \"o'shop\": process " + process + " since 2");
        }
    }

    @Test
    void fitTheParallelismIntoTheConnections() throws SQLException {
        ParallelismRequest greedy = request(OptionalInt.of(500));
        assertThat(texts(check().withParallelism(greedy).run(new ConnectionCheck())))
                .singleElement()
                .asString()
                .startsWith("BLOCKER --dump-jobs 500")
                .contains("the source has ", "max_connections 150");
        try (EmbeddedServer narrow =
                EmbeddedServer.start(ServerOptions.of("18").withSetting("max_connections", "12"))) {
            assertThat(texts(CheckRun.between(source, narrow).run(new ConnectionCheck())))
                    .singleElement()
                    .asString()
                    .startsWith("NOTE less goes on at once")
                    .contains("max_connections 12", "--restore-jobs");
        }
    }

    @Test
    void fitTheParallelismIntoTheConnectionLimitsOfRoleAndDatabase() throws SQLException {
        source.sql("postgres", "CREATE ROLE tight LOGIN PASSWORD " + Quote.literal(source.password()));
        CheckRun run = check().withSourceUser("tight");
        try {
            assertThat(texts(run.run(new ConnectionCheck(), SHOP))).isEmpty();

            source.sql("postgres", "ALTER ROLE tight CONNECTION LIMIT 8");
            assertThat(texts(run.run(new ConnectionCheck(), SHOP)))
                    .singleElement()
                    .asString()
                    .startsWith("NOTE less goes on at once")
                    .contains("8 left by the role's CONNECTION LIMIT");
            source.sql("postgres", "ALTER ROLE tight CONNECTION LIMIT 4");
            assertThat(texts(run.run(new ConnectionCheck(), SHOP)))
                    .singleElement()
                    .asString()
                    .startsWith("BLOCKER --dump-jobs 1")
                    .contains("the source has 4 ");

            source.sql("postgres", "ALTER ROLE tight CONNECTION LIMIT -1");
            source.sql("postgres", "ALTER DATABASE " + Quote.identifier(SHOP) + " CONNECTION LIMIT 3");
            assertThat(texts(run.run(new ConnectionCheck(), SHOP)))
                    .singleElement()
                    .asString()
                    .startsWith("BLOCKER --dump-jobs 1")
                    .contains("3 left by the CONNECTION LIMIT of a database", "for up to 4 to one database");
            assertThat(texts(check().run(new ConnectionCheck(), SHOP)))
                    .as("a superuser is let in")
                    .isEmpty();
        } finally {
            source.sql(
                    "postgres", "ALTER DATABASE " + Quote.identifier(SHOP) + " CONNECTION LIMIT -1", "DROP ROLE tight");
        }
    }

    @Test
    void weighLocksAgainstTables() throws SQLException {
        try (EmbeddedServer narrow = EmbeddedServer.start(ServerOptions.of("14")
                        .withoutSync()
                        .withSetting("max_locks_per_transaction", "10")
                        .withSetting("max_connections", "20"));
                EmbeddedServer other = EmbeddedServer.start(ServerOptions.of("18")
                        .withSetting("max_locks_per_transaction", "10")
                        .withSetting("max_connections", "20"));
                TestDatabases databases = TestDatabases.on(narrow)) {
            String many = databases.create("many");
            narrow.sql(many, "CREATE TABLE parted (i integer, PRIMARY KEY (i)) PARTITION BY LIST (i)");
            narrow.sql(many, statements(249, "CREATE TABLE p%1$s PARTITION OF parted FOR VALUES IN (%1$s)"));

            assertThat(texts(CheckRun.between(narrow, target).run(new LockTableCheck(), many)))
                    .singleElement()
                    .asString()
                    .startsWith("WARNING pg_dump locks every table, up to 250 at once")
                    .contains("200 locks (max_locks_per_transaction 10)", many + "\": 250 tables and views");
            assertThat(texts(CheckRun.between(narrow, other).run(new LockTableCheck(), many)))
                    .anyMatch(text -> text.startsWith("WARNING a partitioned table has more partitions")
                            && text.endsWith("500 partitions and indexes"));
            narrow.sql(many, statements(400, "CREATE TABLE t%s ()"));
            assertThat(CheckRun.between(narrow, target).run(new LockTableCheck(), many))
                    .extracting(Finding::severity)
                    .containsExactly(Severity.BLOCKER);
        }
    }

    @Test
    void weighDisksAgainstDatabases() throws SQLException {
        assertThat(texts(check().run(new DumpSpaceCheck(bytes -> 1), "postgres", SHOP)))
                .isEmpty();
        source.sql(SHOP, "CREATE TABLE big AS SELECT repeat(md5(i::text), 30) FROM generate_series(1, 5000) i");
        try {
            assertThat(texts(check().run(new DumpSpaceCheck(folder -> 100_000), SHOP)))
                    .singleElement()
                    .asString()
                    .startsWith("WARNING the dumps in ")
                    .contains("98 kB free");
            assertThat(check().run(new DumpSpaceCheck(folder -> 1_000), SHOP))
                    .extracting(Finding::severity)
                    .containsExactly(Severity.BLOCKER);
            assertThat(check().withStreamed(new ByteSize(0)).run(new DumpSpaceCheck(folder -> 1_000), SHOP))
                    .as("what is streamed needs no room")
                    .isEmpty();
        } finally {
            source.sql(SHOP, "DROP TABLE big");
        }
    }

    @Test
    void refuseToReplaceDatabases() throws SQLException {
        target.sql("postgres", "CREATE DATABASE " + Quote.identifier(SHOP));
        try (Connection client = target.connect(SHOP);
                Statement statement = client.createStatement()) {
            Check check = new ExistingDatabaseCheck();
            assertThat(texts(check().run(check, SHOP)))
                    .singleElement()
                    .asString()
                    .startsWith("BLOCKER target ")
                    .endsWith("already has databases that this migration did not create: database \"o'shop\"");
            long oid = Long.parseLong(target.value("postgres", "SELECT max(oid) FROM pg_database"));
            assertThat(check().withMade(Set.of(oid)).run(check, SHOP)).isEmpty();
            assertThat(texts(check().withTargetDatabase(SHOP).withDropExisting().run(check, SHOP)))
                    .containsExactly("BLOCKER --to-db is a database that is to be moved: database \"o'shop\"");

            statement.execute("BEGIN; CREATE TABLE t (); PREPARE TRANSACTION 'stuck'");
            assertThat(texts(check().withDropExisting().run(check, SHOP)))
                    .satisfiesExactly(
                            text -> assertThat(text).startsWith("WARNING ").contains("they will be dropped"),
                            text -> assertThat(text)
                                    .startsWith("BLOCKER there are prepared transactions")
                                    .endsWith("'stuck'"),
                            text -> assertThat(text)
                                    .startsWith("WARNING somebody is connected")
                                    .endsWith("1 session"));
            statement.execute("ROLLBACK PREPARED 'stuck'");

            target.sql("postgres", "CREATE TABLE precious ()");
            assertThat(texts(check().run(check, "postgres")))
                    .singleElement()
                    .asString()
                    .startsWith("BLOCKER ")
                    .contains("a built-in database that is to be filled")
                    .endsWith("database \"postgres\"");

            assertThat(texts(check().run(new OtherDatabaseCheck(), "postgres")))
                    .singleElement()
                    .asString()
                    .startsWith("NOTE ")
                    .contains("fsync stays on")
                    .endsWith("database \"o'shop\"");
        } finally {
            target.sql("postgres", "DROP TABLE IF EXISTS precious");
            TestDatabases.drop(target, SHOP);
        }
    }

    @Test
    void compareRoles() throws SQLException, IOException {
        source.sql(
                "postgres",
                "CREATE ROLE \"o'brien\" LOGIN CREATEDB",
                "CREATE ROLE rds_old",
                "SET password_encryption = md5; CREATE ROLE \"md 5\" LOGIN PASSWORD 'x'");
        source.sql(SHOP, "CREATE TABLE owned (); ALTER TABLE owned OWNER TO \"o'brien\"");
        target.sql("postgres", "CREATE ROLE \"o'brien\" LOGIN SUPERUSER");
        Path hba = target.dataFolder().resolve("pg_hba.conf");
        String before = Files.readString(hba);
        try {
            assertThat(texts(check().run(new ExistingRoleCheck())))
                    .singleElement()
                    .asString()
                    .startsWith("NOTE ")
                    .contains("role \"o'brien\" (")
                    .contains("NOSUPERUSER", "CREATEDB");
            assertThat(check().withoutGlobals().run(new ExistingRoleCheck())).isEmpty();

            assertThat(texts(check().run(new RoleNameCheck(), SHOP)))
                    .singleElement()
                    .asString()
                    .startsWith("WARNING roles have names that PostgreSQL or a managed service keeps")
                    .endsWith(": role \"rds_old\"");
            source.sql(SHOP, "GRANT SELECT ON t TO rds_old");
            assertThat(check().run(new RoleNameCheck(), SHOP))
                    .as("missing-roles names it")
                    .isEmpty();
            target.sql("postgres", "DROP ROLE \"o'brien\"");
            assertThat(check().withoutGlobals().run(new RoleNameCheck())).isEmpty();

            assertThat(texts(check().run(new RolePasswordCheck())))
                    .containsExactly(
                            "NOTE these roles have md5 passwords, which are deprecated since PostgreSQL 18: role \"md 5\"");
            Files.writeString(hba, "host all \"md 5\" 10.0.0.0/8 scram-sha-256\n", StandardOpenOption.APPEND);
            assertThat(texts(check().run(new RolePasswordCheck())))
                    .singleElement()
                    .asString()
                    .startsWith("WARNING these roles have md5 passwords, with which they cannot log in")
                    .endsWith("role \"md 5\"");
        } finally {
            Files.writeString(hba, before);
            target.sql("postgres", "DROP ROLE IF EXISTS \"o'brien\"");
            source.sql(SHOP, "DROP TABLE owned", "REVOKE ALL ON t FROM rds_old");
            source.sql("postgres", "DROP ROLE \"o'brien\", rds_old, \"md 5\"");
        }
    }

    @Test
    void tellWhatUsersMayNot() throws SQLException {
        source.sql("postgres", "CREATE ROLE reader LOGIN", "CREATE ROLE clerk LOGIN PASSWORD 'x'");
        target.sql("postgres", "CREATE ROLE builder LOGIN CREATEDB");
        source.sql(SHOP, "CREATE TABLE hidden (); ALTER TABLE hidden ENABLE ROW LEVEL SECURITY", "SELECT lo_create(0)");
        try {
            assertThat(texts(reading().run(new RolePasswordCheck())))
                    .singleElement()
                    .asString()
                    .startsWith("WARNING role reader may not read pg_authid")
                    .contains("role \"clerk\"");
            assertThat(texts(check().withTargetUser("builder")
                            .withDeferred("shop.t")
                            .run(new PrivilegeCheck())))
                    .satisfiesExactly(
                            text -> assertThat(text)
                                    .contains(
                                            "role builder is no superuser: it may not create roles (it has no CREATEROLE)"),
                            text -> assertThat(text)
                                    .startsWith("BLOCKER ")
                                    .contains("may not set session_replication_role"));
            assertThat(texts(check().withTargetUser("builder").run(new AlterSystemCheck())))
                    .singleElement()
                    .asString()
                    .startsWith("NOTE ")
                    .contains("role builder may not ALTER SYSTEM");
            target.sql(
                    "postgres",
                    "GRANT SET ON PARAMETER session_replication_role TO builder",
                    "GRANT ALTER SYSTEM ON PARAMETER autovacuum, maintenance_work_mem, max_wal_size TO builder");
            assertThat(check().withTargetUser("builder").withDeferred("shop.t").run(new PrivilegeCheck()))
                    .hasSize(1);
            assertThat(check().withTargetUser("builder").run(new AlterSystemCheck()))
                    .isEmpty();
            // It may neither run programs nor see what others may.
            for (ServerCheck one : ServerChecks.all()) {
                assertThat(check().withTargetUser("builder")
                                .withSourceUser("reader")
                                .run(one, SHOP))
                        .as(one.name())
                        .noneMatch(finding -> finding.severity() == Severity.BLOCKER);
            }
        } finally {
            target.sql("postgres", "DROP OWNED BY builder", "DROP ROLE builder");
            source.sql(SHOP, "DROP TABLE hidden", "SELECT lo_unlink(oid) FROM pg_largeobject_metadata");
            source.sql("postgres", "DROP ROLE reader, clerk");
        }
    }

    @Test
    void noticeATargetThatIsNotToBeWrittenTo() throws SQLException {
        try (EmbeddedServer guarded = EmbeddedServer.start(ServerOptions.of("18")
                .withSetting("default_transaction_read_only", "on")
                .withSetting("allow_alter_system", "off"))) {
            CheckRun run = CheckRun.between(source, guarded);
            // Our sessions' own choice prevails.
            assertThat(run.run(new ReadOnlyCheck())).isEmpty();
            assertThat(texts(run.run(new AlterSystemCheck())))
                    .singleElement()
                    .asString()
                    .startsWith("NOTE ")
                    .contains("allow_alter_system = off");
        }
    }

    /** Each in a transaction of its own. */
    private static String[] statements(int number, String format) {
        return IntStream.rangeClosed(1, number).mapToObj(format::formatted).toArray(String[]::new);
    }

    private static CheckRun check() {
        return CheckRun.between(source, target);
    }

    /** The other way round. */
    private static CheckRun other() {
        return CheckRun.between(/* source= */ target, /* target= */ source);
    }

    private static CheckRun reading() {
        return check().withSourceUser("reader");
    }

    private static ParallelismRequest request(OptionalInt dumpJobs) {
        OptionalInt open = OptionalInt.empty();
        return new ParallelismRequest(dumpJobs, open, open, open, open, open);
    }

    private static List<String> texts(List<Finding> findings) {
        return findings.stream()
                .map(finding -> finding.severity() + " " + finding.sentence())
                .toList();
    }
}
