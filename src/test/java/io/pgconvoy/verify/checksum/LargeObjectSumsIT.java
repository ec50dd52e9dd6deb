package io.pgconvoy.verify.checksum;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.Side;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.TestDatabases;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LargeObjectSumsIT {
    private static final String READ_WRITE = "393216";

    @ParameterizedTest
    @ValueSource(strings = {"9.5", "14"})
    void agreeOnEqualContentsAndNameWhatDiffers(String version) throws Exception {
        EmbeddedServer older = EmbeddedServer.shared(version);
        EmbeddedServer newer = EmbeddedServer.shared("18");
        try (TestDatabases onOlder = TestDatabases.on(older);
                TestDatabases onNewer = TestDatabases.on(newer);
                Checksums source = new Checksums(Side.SOURCE, older);
                Checksums target = new Checksums(Side.TARGET, newer)) {
            String from = onOlder.create();
            fill(older, from);
            // Holes in it are never written.
            write(older, from, 3_000_000, 250_000, "end");
            String to = Copy.of(older, from, newer, onNewer);
            LargeObjectSums here = sums(source);
            LargeObjectSums there = sums(target);
            LargeObjectSum expected = here.read(new DatabaseName(from), Optional.empty());

            assertThat(expected.number()).isEqualTo(2056);
            assertThat(there.read(new DatabaseName(to), Optional.empty())).isEqualTo(expected);
            assertThat(find(here, from, there, to)).isEmpty();

            write(newer, to, 3_000_000, 240_000, "x");
            assertThat(find(here, from, there, to))
                    .containsExactly("large object 3000000 has other contents on the target");
            newer.sql(
                    to,
                    "SELECT lo_unlink(10007)",
                    "SELECT lo_create(4294967295)",
                    // The same bytes, one zero more.
                    "SELECT lo_put(1000002, 8192, E'\\\\x00')",
                    "SELECT lo_put(10008, 0, 'X'::bytea)");
            LargeObjectSum found = there.read(new DatabaseName(to), Optional.empty());
            assertThat(found.number()).isEqualTo(2056);
            assertThat(found.checksum()).isNotEqualTo(expected.checksum());
            assertThat(find(here, from, there, to))
                    .containsExactlyInAnyOrder(
                            "large object 10007 is missing on the target",
                            "large object 10008 has other contents on the target",
                            "large object 1000002 has other contents on the target",
                            "large object 3000000 has other contents on the target",
                            "large object 4294967295 is on the target only");
            newer.sql(to, "SELECT lo_unlink(oid) FROM pg_largeobject_metadata WHERE oid BETWEEN 10100 AND 10200");
            assertThat(find(here, from, there, to)).hasSize(5);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"9.5", "18"})
    void seeEachChange(String version) throws Exception {
        EmbeddedServer server = EmbeddedServer.shared(version);
        try (TestDatabases databases = TestDatabases.on(server);
                Checksums checksums = new Checksums(Side.SOURCE, server)) {
            String database = databases.create();
            LargeObjectSums sums = sums(checksums);
            DatabaseName name = new DatabaseName(database);
            LargeObjectSum none = sums.read(name, Optional.empty());
            server.sql(database, "SELECT lo_create(1)");
            LargeObjectSum empty = sums.read(name, Optional.empty());
            server.sql(database, "SELECT lo_put(1, 0, E'\\\\x0001')");
            LargeObjectSum bytes = sums.read(name, Optional.empty());
            server.sql(database, "SELECT lo_put(1, 1, E'\\\\x00')");
            LargeObjectSum changed = sums.read(name, Optional.empty());
            server.sql(database, "SELECT lo_unlink(1)", "SELECT lo_from_bytea(2, E'\\\\x0000')");
            LargeObjectSum renumbered = sums.read(name, Optional.empty());

            assertThat(none.number()).isZero();
            assertThat(List.of(none, empty, bytes, changed, renumbered)).doesNotHaveDuplicates();
        }
    }

    /** Small ones, more than one query reads; an empty one; those as long as a chunk, and one byte more and less. */
    private static void fill(EmbeddedServer server, String database) throws SQLException {
        server.sql(
                database,
                "SELECT lo_from_bytea((10000 + i)::oid, decode(md5(i::text), 'hex')) FROM generate_series(1, 2050) i",
                "SELECT lo_create(1000000)",
                "SELECT lo_from_bytea(1000001, convert_to(repeat('x', 8191), 'UTF8'))",
                "SELECT lo_from_bytea(1000002, convert_to(repeat('x', 8192), 'UTF8'))",
                "SELECT lo_from_bytea(1000003, convert_to(repeat('x', 8193), 'UTF8'))",
                // More chunks than one query reads.
                "SELECT lo_from_bytea(1000004, convert_to(repeat('0123456789abcdef', 512 * 65), 'UTF8'))",
                "SELECT lo_create(3000000)");
    }

    private static void write(EmbeddedServer server, String database, long oid, int offset, String text)
            throws SQLException {
        server.sql(
                database,
                "BEGIN; SELECT lo_lseek(lo_open(" + oid + ", " + READ_WRITE + "), " + offset + ", 0);"
                        + " SELECT lowrite(0, '" + text + "'::bytea); COMMIT");
    }

    private static List<String> find(LargeObjectSums here, String from, LargeObjectSums there, String to) {
        return new LargeObjectFinder(here, there)
                .find(new DatabaseName(from), new DatabaseName(to), Optional.empty(), oid -> true).stream()
                        .map(one -> "large object " + one.oid() + " " + one.what())
                        .toList();
    }

    private static LargeObjectSums sums(Checksums checksums) {
        return new LargeObjectSums(checksums.transactions(), 8192);
    }
}
