package io.pgconvoy.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.config.Transport;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.RawStatement;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Databases of other encodings than UTF-8, and of none, on the whole way. */
class AnyBytesIT {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource(Transport.class)
    void arrivesByteByByteWithTheRolesOfOtherDatabases(Transport transport) throws Exception {
        try (EmbeddedServer source = EmbeddedServer.start("9.5");
                EmbeddedServer target = EmbeddedServer.start("18")) {
            source.sql(
                    "postgres",
                    RawStatement.createDatabase("latin", "LATIN1"),
                    RawStatement.createDatabase("bytes", "SQL_ASCII"));
            source.sql(
                    "latin",
                    "CREATE ROLE \"r\u00f4le\"",
                    "COMMENT ON ROLE \"r\u00f4le\" IS 'caf\u00e9'",
                    "ALTER DATABASE latin SET app.word = '\u00e9'",
                    "COMMENT ON DATABASE latin IS '\u00e9'",
                    "ALTER DATABASE latin OWNER TO \"r\u00f4le\"",
                    "CREATE TABLE caf\u00e9 (\u00e9 text)",
                    "INSERT INTO caf\u00e9 VALUES ('\u00e9')",
                    "ALTER TABLE caf\u00e9 OWNER TO \"r\u00f4le\"");
            source.sql(
                    "bytes",
                    RawStatement.of("CREATE SCHEMA sch\u00e9ma AUTHORIZATION \"r\u00f4le\""),
                    RawStatement.of(
                            "CREATE TABLE sch\u00e9ma.caf\u00e9 (\u00e9 int PRIMARY KEY, t text DEFAULT '\u00e9')"),
                    RawStatement.of("INSERT INTO sch\u00e9ma.caf\u00e9 VALUES (1, '\u00e9'), (2, '\u00c3\u00a9')"),
                    RawStatement.of("GRANT SELECT ON sch\u00e9ma.caf\u00e9 TO \"r\u00f4le\""),
                    RawStatement.of("CREATE SEQUENCE s\u00e9quence"),
                    RawStatement.of("CREATE MATERIALIZED VIEW m\u00e9moire AS SELECT * FROM sch\u00e9ma.caf\u00e9"),
                    RawStatement.of("CREATE FUNCTION f\u00e9() RETURNS text LANGUAGE sql AS 'SELECT ''\u00e9''::text'"),
                    RawStatement.of("CREATE VIEW vue\u00e9 AS SELECT f\u00e9() AS \u00e9"),
                    RawStatement.of("CREATE TABLE enfant (x int REFERENCES sch\u00e9ma.caf\u00e9,"
                            + " CONSTRAINT positif\u00e9 CHECK (x > 0))"),
                    RawStatement.of("CREATE INDEX \u00efndex ON enfant (x) WHERE x > 1"),
                    "SELECT nextval(oid::regclass) FROM pg_class WHERE relname LIKE 's%quence'");
            // Stale, so that it is held against its own query on the target.
            source.sql("bytes", RawStatement.of("INSERT INTO sch\u00e9ma.caf\u00e9 VALUES (3, '\u00ff')"));

            Move.Moved moved = new Move(source, target, folder).by(transport).run("--verify=checksum");

            assertThat(moved.exitCode()).as(moved.output()).isZero();
            assertThat(moved.output()).contains("create role \"r\\xf4le\"").contains("m\\xe9moire");
            assertThat(bytes(target)).isEqualTo(bytes(source));
            assertThat(VerifyRun.of(source, target, folder, "--verify=checksum").exitCode())
                    .isZero();

            target.sql(
                    "bytes",
                    RawStatement.of("UPDATE sch\u00e9ma.caf\u00e9 SET t = '\u00c3\u00a9' WHERE \u00e9 = 1"),
                    RawStatement.of("ALTER TABLE enfant RENAME CONSTRAINT positif\u00e9 TO \"positif\u00c3\u00a9\""));
            VerifyRun other = VerifyRun.of(source, target, folder, "--verify=checksum");
            assertThat(other.exitCode()).as(other.output()).isEqualTo(3);
            assertThat(other.found())
                    .as("the same letters in UTF-8 are other bytes")
                    .anyMatch(found -> found.object().contains("\"sch\\xe9ma\".\"caf\\xe9\""))
                    .anyMatch(found -> found.object().contains("positif\\xe9"));
        }
    }

    private static List<String> bytes(EmbeddedServer server) throws SQLException {
        List<String> all = server.column("postgres", """
                SELECT encode(textsend(rolname::text), 'hex')
                       || encode(textsend(shobj_description(oid, 'pg_authid')), 'hex')
                  FROM pg_roles WHERE rolname LIKE 'r%'
                UNION ALL
                SELECT encode(textsend(pg_get_userbyid(datdba)::text), 'hex')
                       || encode(textsend(shobj_description(oid, 'pg_database')), 'hex')
                  FROM pg_database WHERE datname = 'latin'
                UNION ALL
                SELECT encode(textsend(array_to_string(setconfig, ',')), 'hex') FROM pg_db_role_setting
                """);
        all.addAll(server.column("bytes", """
                SELECT encode(convert_to(n.nspname || '.' || relname || ' ' || pg_get_userbyid(relowner), 'SQL_ASCII'), 'hex')
                  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE c.oid >= 16384 AND n.nspname !~ '^pg_' ORDER BY 1
                """));
        all.addAll(server.column("latin", """
                SELECT relname || ' ' || pg_get_userbyid(relowner) FROM pg_class WHERE oid >= 16384 AND relkind = 'r'
                """));
        return all;
    }
}
