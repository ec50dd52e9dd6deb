package io.pgconvoy.preflight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgconvoy.model.Severity;
import io.pgconvoy.postgres.SqlFailure;
import io.pgconvoy.preflight.database.DatabaseChecks;
import io.pgconvoy.preflight.database.InheritedNotNullCheck;
import io.pgconvoy.preflight.database.LargeObjectCheck;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.TestDatabases;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the checks say about a database with one of everything, and about one with nothing special. */
class ObjectChecksIT {
    private static final EmbeddedServer SOURCE = EmbeddedServer.shared("14");
    private static final EmbeddedServer TARGET = EmbeddedServer.shared("18");
    private static final TestDatabases DATABASES = TestDatabases.on(SOURCE);

    private static String odd;
    private static String plain;

    @BeforeAll
    static void fill() throws SQLException {
        odd = DATABASES.create("odd");
        plain = DATABASES.create("plain");
        SOURCE.sql(odd, """
                CREATE SCHEMA "a b";
                CREATE UNLOGGED TABLE "a b"."un.logged" (a integer);
                CREATE TABLE parent (a integer PRIMARY KEY);
                CREATE TABLE child (a integer CONSTRAINT "to parent" REFERENCES parent, b integer);
                ALTER TABLE child DISABLE TRIGGER ALL;
                ALTER TABLE child ADD CONSTRAINT "not yet" CHECK (a > 0) NOT VALID;
                CREATE DOMAIN positive AS integer;
                ALTER DOMAIN positive ADD CONSTRAINT above CHECK (value > 0) NOT VALID;
                CREATE FUNCTION fires() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
                CREATE TRIGGER silent BEFORE INSERT ON parent FOR EACH ROW EXECUTE FUNCTION fires();
                ALTER TABLE parent DISABLE TRIGGER silent;
                CREATE RULE quiet AS ON UPDATE TO parent DO ALSO SELECT 1;
                ALTER TABLE parent DISABLE RULE quiet;
                CREATE FUNCTION seen() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
                CREATE EVENT TRIGGER asleep ON ddl_command_end EXECUTE FUNCTION seen();
                ALTER EVENT TRIGGER asleep DISABLE;
                CREATE TABLE strict (a integer NOT NULL, b integer NOT NULL, c integer NOT NULL);
                CREATE TABLE "lax child" () INHERITS (strict);
                ALTER TABLE "lax child" ALTER a DROP NOT NULL, ALTER b DROP NOT NULL;
                CREATE TABLE grandchild () INHERITS ("lax child");
                INSERT INTO "lax child" VALUES (NULL, 1, 1);
                CREATE PUBLICATION news FOR ALL TABLES;
                CREATE SUBSCRIPTION incoming CONNECTION 'host=nowhere.invalid dbname=x password=hush'
                    PUBLICATION p WITH (connect = false, slot_name = NONE);
                CREATE EXTENSION postgres_fdw;
                CREATE SERVER "else where" FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'h.invalid', port '5');
                CREATE USER MAPPING FOR PUBLIC SERVER "else where" OPTIONS (user 'u', password 'hush');
                """);
        SOURCE.sql(odd, "INSERT INTO child (b) VALUES (1), (1)");
        try {
            SOURCE.sql(odd, "CREATE UNIQUE INDEX CONCURRENTLY \"half\nbuilt\" ON child (b)");
        } catch (SQLException duplicates) {
            assertThat(duplicates.getSQLState()).isEqualTo("23505");
        }
        SOURCE.sql(plain, """
                CREATE TABLE parent (a integer PRIMARY KEY CHECK (a > 0));
                CREATE TABLE child (a integer REFERENCES parent);
                CREATE TABLE heir () INHERITS (parent);
                CREATE INDEX ON child (a);
                CREATE FUNCTION fires() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
                CREATE TRIGGER loud BEFORE INSERT ON parent FOR EACH ROW EXECUTE FUNCTION fires();
                SELECT lo_create(0) FROM generate_series(1, 10);
                """);
    }

    @AfterAll
    static void drop() throws SQLException {
        DATABASES.close();
    }

    @Test
    void saysWhatArrivesChanged() throws SQLException {
        assertThat(found(CheckRun.named("unlogged-tables")))
                .singleElement()
                .asString()
                .startsWith("NOTE unlogged-tables: ")
                .contains("table \"a b\".\"un.logged\". ");
        assertThat(found(CheckRun.named("unvalidated-constraints")))
                .singleElement()
                .asString()
                .startsWith("NOTE")
                .contains("constraint \"not yet\" on table public.child, constraint above on domain public.positive. ");
        assertThat(found(CheckRun.named("disabled-triggers")))
                .singleElement()
                .asString()
                .startsWith("NOTE")
                .contains("event trigger asleep, rule quiet on public.parent, trigger silent on public.parent. ");
        assertThat(found(CheckRun.named("muted-foreign-keys")))
                .singleElement()
                .asString()
                .startsWith("WARNING")
                .contains("foreign key \"to parent\" on table public.child. ");
        assertThat(found(new InheritedNotNullCheck()))
                .hasSize(2)
                .anySatisfy(text ->
                        assertThat(text).startsWith("BLOCKER").contains("column a of table public.\"lax child\". "))
                .anySatisfy(text -> assertThat(text)
                        .startsWith("WARNING")
                        .contains("column a of table public.grandchild, column b of table public.grandchild,"
                                + " column b of table public.\"lax child\". "));
        assertThat(found(CheckRun.named("invalid-indexes")))
                .singleElement()
                .asString()
                .startsWith("WARNING")
                .contains("index public.\"half\nbuilt\" on table child. ");
    }

    @Test
    void saysWhatDependsOnOtherServers() throws SQLException {
        assertThat(found(CheckRun.named("publications")))
                .singleElement()
                .asString()
                .startsWith("NOTE")
                .contains("publication news. ");
        assertThat(found(CheckRun.named("subscriptions")))
                .singleElement()
                .asString()
                .startsWith("WARNING")
                .contains("arrive disabled", "subscription incoming. ", "ENABLE")
                .doesNotContain("hush");
        assertThat(found(CheckRun.named("foreign-servers")))
                .singleElement()
                .asString()
                .startsWith("NOTE")
                .contains("server \"else where\" (postgres_fdw, host=h.invalid, port=5). ")
                .doesNotContain("hush");
        assertThat(found(CheckRun.named("user-mappings")))
                .as("a superuser reads them")
                .isEmpty();
    }

    @Test
    void hasNothingToSayAboutAnOrdinaryDatabase() throws SQLException {
        for (DatabaseCheck check : DatabaseChecks.all()) {
            assertThat(CheckRun.between(SOURCE, TARGET).texts(check, plain))
                    .as(check.name())
                    .isEmpty();
        }
    }

    @Test
    void countsLargeObjectsOnlyWhereThereAreVeryMany() throws SQLException {
        String many = DATABASES.create("many");
        SOURCE.sql(many, "SELECT count(lo_create(0)) FROM generate_series(1, 100001)");

        assertThat(CheckRun.between(SOURCE, TARGET).texts(new LargeObjectCheck(), plain, many))
                .singleElement()
                .asString()
                .startsWith("NOTE large-objects: ")
                .contains("database \"" + many + "\": about 100001, ")
                .doesNotContain(plain);
    }

    @Test
    void namesWhatTheSourcesUserMayNotRead() throws SQLException {
        SOURCE.sql(odd, "CREATE ROLE pf_reader LOGIN", """
                CREATE TABLE guarded (a integer);
                GRANT SELECT ON guarded TO pf_reader;
                ALTER TABLE guarded ENABLE ROW LEVEL SECURITY;
                CREATE SEQUENCE counted;
                SELECT lo_create(4711), lo_create(4712);
                GRANT SELECT ON LARGE OBJECT 4712 TO PUBLIC;
                """);
        try {
            CheckRun run = CheckRun.between(SOURCE, TARGET).withSourceUser("pf_reader");
            assertThat(run.run(CheckRun.named("readable-tables"), odd))
                    .singleElement()
                    .satisfies(finding -> {
                        assertThat(finding.severity()).isEqualTo(Severity.BLOCKER);
                        assertThat(finding.places().stream()
                                        .map(place -> place.object().orElseThrow()))
                                .contains("table public.parent", "sequence public.counted", "large object 4711")
                                .doesNotContain("table public.guarded", "large object 4712");
                    });
            assertThat(run.texts(CheckRun.named("row-security"), odd))
                    .singleElement()
                    .asString()
                    .startsWith("BLOCKER row-security: row security applies to role pf_reader")
                    .contains("table public.guarded. ");
            assertThat(run.texts(CheckRun.named("subscriptions"), odd))
                    .singleElement()
                    .asString()
                    .contains("stay behind");
            assertThat(run.texts(CheckRun.named("user-mappings"), odd))
                    .singleElement()
                    .asString()
                    .contains("user mapping for public on server \"else where\". ");

            SOURCE.sql(odd, "ALTER ROLE pf_reader BYPASSRLS", "GRANT pg_read_all_data TO pf_reader");
            SOURCE.sql(odd, "GRANT SELECT ON LARGE OBJECT 4711 TO pf_reader");
            assertThat(run.texts(CheckRun.named("row-security"), odd)).isEmpty();
            assertThat(run.texts(CheckRun.named("readable-tables"), odd)).isEmpty();
        } finally {
            SOURCE.sql(odd, "DROP OWNED BY pf_reader", "DROP ROLE pf_reader");
        }
    }

    /** Asking each check alone would wait as long for each. */
    @Test
    void waitForALockNoLongerThanTheyMay() throws SQLException {
        CheckRun run = CheckRun.between(SOURCE, TARGET).withLockWait(Duration.ofSeconds(1));
        try (Connection locker = SOURCE.connect(plain);
                Statement statement = locker.createStatement()) {
            locker.setAutoCommit(false);
            statement.execute("LOCK TABLE pg_catalog.pg_event_trigger");

            assertThatThrownBy(() -> run.all(plain))
                    .hasMessageContaining(
                            "asking for many checks at once failed: ERROR: canceling statement due to lock timeout");
        }
    }

    @Test
    void findTheSameInOneStatementAsAlone() {
        CheckRun run = CheckRun.between(SOURCE, TARGET);
        List<DatabaseCheck> data = DatabaseChecks.all().stream()
                .filter(QueryCheck.class::isInstance)
                .toList();

        assertThat(run.all(plain, odd))
                .filteredOn(
                        finding -> data.stream().anyMatch(check -> check.name().equals(finding.check())))
                .containsExactlyElementsOf(data.stream()
                        .flatMap(check -> run.run(check, plain, odd).stream())
                        .toList())
                .hasSizeGreaterThan(5);
    }

    @Test
    void failureNamesTheCheckWhoseQueryFailed() throws SQLException {
        String barred = DATABASES.create("barred");
        SOURCE.sql(
                barred,
                "CREATE ROLE pf_barred LOGIN",
                "REVOKE SELECT ON pg_user_mappings FROM PUBLIC",
                // Else there is nothing to ask for.
                "CREATE FOREIGN DATA WRAPPER nothing",
                "CREATE SERVER nowhere FOREIGN DATA WRAPPER nothing");
        try {
            CheckRun run = CheckRun.between(SOURCE, TARGET).withSourceUser("pf_barred");
            assertThatThrownBy(() -> run.all(barred))
                    .isInstanceOf(SqlFailure.class)
                    .hasMessageContaining("database \"" + barred + "\": the check user-mappings failed: ")
                    .hasMessageContaining("permission denied for view pg_user_mappings");
        } finally {
            SOURCE.sql("postgres", "DROP ROLE pf_barred");
        }
    }

    @Test
    void leavesOutWhatHasNoNameAnyMore() {
        QueryCheck check = QueryCheck.check("gone", "what is dropped while it is asked for")
                .notes("there are such")
                .query("SELECT name FROM unnest(ARRAY['a', NULL, 'b']) AS u (name)");

        assertThat(CheckRun.between(SOURCE, TARGET).run(check, plain))
                .singleElement()
                .satisfies(finding -> assertThat(finding.places())
                        .extracting(place -> place.object().orElseThrow())
                        .containsExactly("a", "b"));
    }

    private static List<String> found(Check check) throws SQLException {
        return CheckRun.between(SOURCE, TARGET).texts(check, plain, odd);
    }
}
