package io.pgconvoy.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.ServerOptions;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Servers that ask for passwords, and the superuser that both have. */
class SuperuserIT {
    private static final String SUPERUSER = """
            SELECT rolpassword || rolsuper || rolconnlimit || COALESCE(rolvaliduntil::text, '') || rolcreatedb
                   || COALESCE(shobj_description(oid, 'pg_authid'), '')
                   || COALESCE((SELECT setconfig::text FROM pg_db_role_setting WHERE setrole = a.oid), '')
              FROM pg_authid a WHERE rolname = 'postgres'
            """;

    @TempDir
    private Path folder;

    @Test
    void targetsSuperuserKeepsItsPasswordAndAttributes() throws SQLException {
        try (EmbeddedServer source = EmbeddedServer.start(
                        ServerOptions.of("9.5").withoutSync().withPassword("source's secret"));
                EmbeddedServer target =
                        EmbeddedServer.start(ServerOptions.of("18").withPassword("target's \\ \"secret\" %s"))) {
            source.sql(
                    "postgres",
                    "CREATE DATABASE shop",
                    "CREATE ROLE clerk LOGIN PASSWORD 'clerk'",
                    "ALTER ROLE postgres CONNECTION LIMIT 77 VALID UNTIL '2099-01-01'",
                    "ALTER ROLE postgres SET work_mem = '3MB'",
                    "COMMENT ON ROLE postgres IS 'of the source'");
            source.sql("shop", "CREATE TABLE t AS SELECT generate_series(1, 10) AS i");
            target.sql(
                    "postgres",
                    "ALTER ROLE postgres SET maintenance_work_mem = '7MB'",
                    "COMMENT ON ROLE postgres IS 'of the target'");
            String before = target.value("postgres", SUPERUSER);

            Move.Moved moved = new Move(source, target, folder).run();

            assertThat(moved.exitCode()).as(moved.output()).isZero();
            assertThat(target.value("postgres", SUPERUSER)).isEqualTo(before).startsWith("SCRAM-SHA-256$");
            assertThat(target.value("shop", "SELECT count(*) FROM t")).isEqualTo("10");
            assertThatThrownBy(() -> connectWithSourcesPassword(target))
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            refused -> assertThat(refused.getSQLState()).isEqualTo("28P01"));
            assertThat(moved.output()).doesNotContain("secret");
            assertThat(target.value("postgres", "SELECT rolpassword FROM pg_authid WHERE rolname = 'clerk'"))
                    .isEqualTo(source.value("postgres", "SELECT rolpassword FROM pg_authid WHERE rolname = 'clerk'"));
        }
    }

    private static void connectWithSourcesPassword(EmbeddedServer target) throws SQLException {
        try (Connection connection = target.connect("postgres", "postgres", "source's secret")) {
            throw new AssertionError("the source's password opens " + connection);
        }
    }
}
