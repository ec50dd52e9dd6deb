package io.pgconvoy.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.model.Announced;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.PgconvoyProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What check announces not to arrive is what the comparison explains, and no reason for another exit code. */
class AnnouncedIT {
    @TempDir
    private Path folder;

    @Test
    void checkAndComparisonHaveOneList() throws Exception {
        try (EmbeddedServer source = EmbeddedServer.start("9.5");
                EmbeddedServer target = EmbeddedServer.start("18")) {
            source.sql(
                    "postgres",
                    "CREATE DATABASE app",
                    "CREATE ROLE rds_superuser",
                    "CREATE ROLE member",
                    "GRANT rds_superuser TO member",
                    "GRANT CREATE ON DATABASE app TO rds_superuser");
            target.sql("postgres", "CREATE ROLE member PASSWORD 'of the target'");
            source.sql(
                    "app",
                    "CREATE TABLE hidden (a int PRIMARY KEY) WITH OIDS",
                    "CREATE TABLE line (a int REFERENCES hidden)",
                    "ALTER TABLE line DISABLE TRIGGER ALL",
                    "CREATE INDEX broken ON line (a)",
                    "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'broken'::regclass",
                    "CREATE TABLE forebear (a int NOT NULL, b int)",
                    "CREATE TABLE heir () INHERITS (forebear)",
                    "CREATE TABLE \"late, heir\" () INHERITS (heir)",
                    "ALTER TABLE heir ALTER a DROP NOT NULL",
                    "ALTER TABLE \"late, heir\" ALTER a DROP NOT NULL",
                    "ALTER DATABASE app SET sql_inheritance = on",
                    // A value that 14 and later refuse.
                    "ALTER DATABASE app SET password_encryption = 'on'");
            // An extension's version is compared within a major version only; a tablespace would need a host of its
            // own.
            List<Announced> here = new ArrayList<>(Arrays.asList(Announced.values()));
            here.remove(Announced.EXTENSION_VERSIONS);
            here.remove(Announced.TABLESPACES);
            here.remove(Announced.SUBSCRIPTIONS);

            PgconvoyProcess.Result check = run(source, target, "check");
            PgconvoyProcess.Result migrate = run(source, target, "migrate");
            PgconvoyProcess.Result verify = run(source, target, "verify");

            assertThat(check.exitCode()).as(all(check)).isZero();
            assertThat(migrate.exitCode()).as(all(migrate)).isZero();
            assertThat(verify.exitCode()).as(all(verify)).isZero();
            for (Announced announced : here) {
                assertThat(all(check)).contains(announced.check());
                assertThat(all(verify)).contains("as announced by the check " + announced.check());
            }
            assertThat(all(check)).contains("password_encryption");
            assertThat(all(verify))
                    .contains("setting password_encryption of database app has a value that the target refuses");
            assertThat(migrate.stdout())
                    .contains("as announced by the check tables-with-oids: table public.hidden")
                    .contains("as announced by the check muted-foreign-keys: constraint line_a_fkey on public.line")
                    .contains("as announced by the check invalid-indexes: index public.broken")
                    .contains("as announced by the check inherited-not-null: column a of public.heir not null is no")
                    .contains("as announced by the check inherited-not-null: column a of public.\"late, heir\"");

            assertThat(all(verify))
                    .contains("as announced by the check role-names: membership of member in rds_superuser")
                    .contains("as announced by the check role-names: database app privilege CREATE to rds_superuser");

            target.sql("app", "ALTER TABLE line DISABLE TRIGGER ALL");
            source.sql("app", "ALTER TABLE line ENABLE TRIGGER ALL");
            target.sql("app", "ALTER TABLE heir ALTER b SET NOT NULL", "CREATE ROLE other");
            source.sql("app", "CREATE ROLE other PASSWORD 'of the source'");
            PgconvoyProcess.Result other = run(source, target, "verify");
            assertThat(other.exitCode()).as("switched off on the target alone").isEqualTo(3);
            assertThat(other.stdout())
                    .contains("constraint line_a_fkey on public.line triggers is")
                    .contains("role other has a password on the source only")
                    .contains("column b of public.heir not null is");
        }
    }

    @Test
    void whatOnlySuperusersDumpIsAnnounced() throws Exception {
        try (EmbeddedServer source = EmbeddedServer.start("14");
                EmbeddedServer target = EmbeddedServer.start("18")) {
            source.sql(
                    "postgres", "CREATE DATABASE app", "CREATE ROLE reader LOGIN", "GRANT pg_read_all_data TO reader");
            source.sql(
                    "app",
                    "CREATE SUBSCRIPTION follows CONNECTION 'host=127.0.0.1 port=1' PUBLICATION p WITH (connect = false)",
                    "CREATE EXTENSION postgres_fdw",
                    "CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw",
                    "CREATE USER MAPPING FOR reader SERVER far OPTIONS (password 'secret')");

            PgconvoyProcess.Result migrate = run(source, target, "migrate", "--from-user=reader");
            PgconvoyProcess.Result verify = run(source, target, "verify", "--from-user=reader");
            PgconvoyProcess.Result bySuperuser = run(source, target, "verify");

            assertThat(migrate.exitCode()).as(all(migrate)).isZero();
            assertThat(migrate.stdout())
                    .contains("as announced by the check subscriptions: subscription follows is missing");
            assertThat(verify.exitCode()).as(all(verify)).isZero();
            assertThat(bySuperuser.exitCode()).isEqualTo(3);
            assertThat(bySuperuser.stdout()).contains("subscription follows is missing on the target");
        }
    }

    /** A table that the target cannot make, and rows that it refuses: check tells of both, and nobody can repair them. */
    @Test
    void whatTheUserAllowsToBeLostIsNoReasonToFailEachTime() throws Exception {
        try (EmbeddedServer source = EmbeddedServer.start("14");
                EmbeddedServer target = EmbeddedServer.start("18")) {
            source.sql("postgres", "CREATE DATABASE app");
            source.sql(
                    "app",
                    "CREATE TABLE parent (a int, b int)",
                    "CREATE TABLE \"no child\" (a int, b int GENERATED ALWAYS AS (a * 2) STORED) INHERITS (parent)",
                    "INSERT INTO \"no child\" (a) VALUES (1)",
                    "CREATE FUNCTION good(int) RETURNS bool IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN true; END'",
                    "CREATE TABLE \"once good\" (a int CHECK (good(a)))",
                    "INSERT INTO \"once good\" VALUES (1)",
                    "CREATE OR REPLACE FUNCTION good(int) RETURNS bool IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN"
                            + " false; END'",
                    "CREATE TABLE fine AS SELECT 1 AS a");

            PgconvoyProcess.Result refused = run(source, target, "migrate", "--rehearse-schema");
            assertThat(refused.exitCode()).as(all(refused)).isEqualTo(13);
            PgconvoyProcess.Result first = run(source, target, "migrate", "--allow-restore-errors");
            PgconvoyProcess.Result second = run(source, target, "migrate", "--allow-restore-errors");

            assertThat(first.exitCode()).as(all(first)).isZero();
            assertThat(first.stdout())
                    .contains("with warnings")
                    .contains("table public.\"no child\" is missing on the target")
                    .contains("table public.\"once good\" has 1 rows on the source and 0 on the target");
            assertThat(second.exitCode()).as(all(second)).isZero();
            assertThat(target.value("app", "SELECT count(*) FROM fine")).isEqualTo("1");
        }
    }

    /** pg_dump does not carry the cost of an aggregate, which only the catalog's owner can change. */
    @Test
    void whatWasRepairedOnTheSourceIsNoDifferenceAnyMore() throws Exception {
        try (EmbeddedServer source = EmbeddedServer.start("14");
                EmbeddedServer target = EmbeddedServer.start("18")) {
            source.sql("postgres", "CREATE DATABASE app");
            source.sql(
                    "app",
                    "CREATE AGGREGATE total (int) (SFUNC = int4pl, STYPE = int)",
                    "UPDATE pg_proc SET procost = 7 WHERE proname = 'total'");

            PgconvoyProcess.Result first = run(source, target, "migrate");
            assertThat(first.exitCode()).as(all(first)).isEqualTo(3);
            assertThat(first.stdout()).contains("aggregate public.total(integer) cost is 7 on the source");

            source.sql(
                    "app", "UPDATE pg_proc SET procost = 1 WHERE proname = 'total'", "CREATE TABLE made_since (a int)");
            PgconvoyProcess.Result second = run(source, target, "migrate");
            assertThat(second.exitCode()).as(all(second)).isZero();
        }
    }

    private static String all(PgconvoyProcess.Result result) {
        return result.stdout() + result.stderr();
    }

    private PgconvoyProcess.Result run(EmbeddedServer source, EmbeddedServer target, String command, String... more)
            throws Exception {
        List<String> arguments = new ArrayList<>(List.of(
                command,
                "--from-host=" + source.host(),
                "--from-port=" + source.port(),
                "--to-host=" + target.host(),
                "--to-port=" + target.port()));
        if (!command.equals("verify")) {
            arguments.add("--dump-root=" + folder.resolve("dumps"));
            arguments.add("--state-dir=" + folder.resolve("state"));
        }
        arguments.addAll(List.of(more));
        try (PgconvoyProcess pgconvoy = PgconvoyProcess.start(arguments, Map.of(), folder)) {
            return pgconvoy.await(Duration.ofMinutes(2));
        }
    }
}
