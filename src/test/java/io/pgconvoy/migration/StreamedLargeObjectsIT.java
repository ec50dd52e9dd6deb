package io.pgconvoy.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.config.Transport;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.ServerOptions;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Large objects straight from server to server, which shows in databases that have no tables to stream. */
class StreamedLargeObjectsIT {
    private static final String ALL = """
            SELECT m.oid || ' ' || pg_get_userbyid(lomowner) || ' ' || COALESCE(lomacl::text, '-') || ' '
                   || COALESCE(obj_description(m.oid, 'pg_largeobject'), '-') || ' ' || octet_length(lo_get(m.oid)) || ' '
                   || md5(lo_get(m.oid))
              FROM pg_largeobject_metadata m ORDER BY m.oid
            """;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"9.5", "14"})
    void arriveWithTheirOwnersInPartsAndOthersByTheArchive(String version) throws SQLException {
        try (EmbeddedServer source =
                        EmbeddedServer.start(ServerOptions.of(version).withoutSync());
                EmbeddedServer target = EmbeddedServer.start("18")) {
            source.sql(
                    "postgres",
                    "CREATE ROLE \"o'dd \"\"one\"\"\"",
                    "CREATE DATABASE plain",
                    "CREATE DATABASE granted",
                    "CREATE DATABASE noted",
                    "CREATE DATABASE barred");
            source.sql(
                    "plain",
                    "SELECT count(lo_from_bytea((100000 + i)::oid, decode(md5(i::text), 'hex'))) FROM"
                            + " generate_series(1, 10050) i",
                    "SELECT lo_from_bytea(1, decode(repeat(md5('x'), 100000), 'hex'))",
                    // With a hole, which no page is stored for.
                    "SELECT lo_from_bytea(4294967295, '\\x00'), lo_put(4294967295, 100000, '\\xff')",
                    "SELECT lo_create(2)",
                    "ALTER LARGE OBJECT 1 OWNER TO \"o'dd \"\"one\"\"\"",
                    "ALTER LARGE OBJECT 2 OWNER TO \"o'dd \"\"one\"\"\"");
            source.sql("granted", "SELECT lo_from_bytea(7, '\\x0102')", "GRANT SELECT ON LARGE OBJECT 7 TO PUBLIC");
            source.sql("noted", "SELECT lo_from_bytea(8, '\\x0102')", "COMMENT ON LARGE OBJECT 8 IS 'kept'");
            source.sql(
                    "barred",
                    "SELECT lo_from_bytea(9, '\\x0102')",
                    "ALTER LARGE OBJECT 9 OWNER TO \"o'dd \"\"one\"\"\"",
                    "REVOKE EXECUTE ON FUNCTION lo_create(oid) FROM PUBLIC");

            Move.Moved moved = new Move(source, target, folder)
                    .by(Transport.STREAM)
                    .run("--verify=checksum", "--dump-jobs=2", "--restore-jobs=2");

            assertThat(moved.exitCode()).as(moved.output()).isZero();
            assertThat(moved.output())
                    .contains("plain: stream took")
                    .doesNotContain("granted: stream took", "noted: stream took", "barred: stream took");
            for (String database : List.of("plain", "granted", "noted", "barred")) {
                assertThat(target.column(database, ALL)).as(database).isEqualTo(source.column(database, ALL));
            }
        }
    }
}
