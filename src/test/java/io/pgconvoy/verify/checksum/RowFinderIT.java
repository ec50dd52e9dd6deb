package io.pgconvoy.verify.checksum;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.Side;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.TestDatabases;
import java.sql.SQLException;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RowFinderIT {
    @ParameterizedTest
    @ValueSource(strings = {"9.5", "14"})
    void namesRowsThatDiffer(String version) throws Exception {
        EmbeddedServer older = EmbeddedServer.shared(version);
        EmbeddedServer newer = EmbeddedServer.shared("18");
        try (TestDatabases onOlder = TestDatabases.on(older);
                TestDatabases onNewer = TestDatabases.on(newer);
                Checksums source = new Checksums(Side.SOURCE, older);
                Checksums target = new Checksums(Side.TARGET, newer)) {
            String from = onOlder.create();
            String to = onNewer.create();
            for (String odd : new String[] {"\"it's \"\"odd\"\"\"", "keyless", "unique_only", "doubled"}) {
                create(older, from, odd);
                create(newer, to, odd);
            }
            String keyed = "\"it's \"\"odd\"\"\"";
            older.sql(from, "ALTER TABLE " + keyed + " ADD PRIMARY KEY (\"the key\", part)");
            newer.sql(to, "ALTER TABLE " + keyed + " ADD PRIMARY KEY (part, \"the key\")");
            older.sql(from, "CREATE UNIQUE INDEX ON unique_only (part, \"the key\")");
            older.sql(from, "ALTER TABLE doubled ADD PRIMARY KEY (part, \"the key\")");
            RowFinder finder = new RowFinder(source.transactions(), target.transactions());

            assertThat(find(finder, from, to, "it's \"odd\"").rows()).isEmpty();

            newer.sql(
                    to,
                    "UPDATE " + keyed + " SET f = 0.3, secret = 'hidden' WHERE \"the key\" = 17",
                    "DELETE FROM " + keyed + " WHERE \"the key\" = 18",
                    "INSERT INTO " + keyed + " VALUES (repeat('é', 100), 5000, 1, 'new')",
                    "UPDATE unique_only SET secret = NULL WHERE \"the key\" = 3",
                    "INSERT INTO doubled SELECT * FROM doubled WHERE \"the key\" = 4",
                    "UPDATE keyless SET secret = 'hidden' WHERE \"the key\" = 20");

            RowDifferences differences = find(finder, from, to, "it's \"odd\"");
            assertThat(differences.rows())
                    .containsExactlyInAnyOrder(
                            "row the key=17, part=p differs in columns f, secret",
                            "row the key=18, part=p is missing on the target",
                            "row the key=5000, part=" + "é".repeat(60) + "... (100 characters) is on the target only");
            assertThat(differences.more()).isFalse();
            String look = differences.query().orElseThrow();
            assertThat(older.column(from, look)).as(look).hasSize(2);
            assertThat(newer.column(to, look)).as(look).hasSize(2);
            assertThat(find(finder, from, to, "unique_only").rows())
                    .containsExactly("row part=p, the key=3 differs in column secret");
            assertThat(find(finder, from, to, "doubled").rows())
                    .containsExactly("row part=p, the key=4 is there 1 times on the source and 2 times on the target");

            RowDifferences keyless = find(finder, from, to, "keyless");
            assertThat(keyless.rows()).isEmpty();
            String query = keyless.query().orElseThrow();
            String select = query.substring(query.indexOf("SELECT"), query.length() - 1);
            assertThat(newer.value(to, "SELECT count(*) FROM (" + select + ") AS q"))
                    .isEqualTo("2000");
            assertThat(newer.column(to, "SELECT digest FROM (" + select + ") AS q"))
                    .isNotEqualTo(older.column(from, "SELECT digest FROM (" + select + ") AS q"));

            newer.sql(to, "UPDATE " + keyed + " SET f = -1 WHERE \"the key\" > 1000");
            RowDifferences many = find(finder, from, to, "it's \"odd\"");
            assertThat(many.rows()).hasSize(5);
            assertThat(many.more()).isTrue();
            assertThat(many.rows().toString()).doesNotContain("hidden");
            assertThat(find(finder, from, to, "gone").rows()).isEmpty();
        }
    }

    private static RowDifferences find(RowFinder finder, String from, String to, String table) {
        return finder.find(new DatabaseName(from), new DatabaseName(to), Optional.empty(), "public", table);
    }

    private static void create(EmbeddedServer server, String database, String table) throws SQLException {
        server.sql(
                database,
                "CREATE TABLE " + table + " (part text NOT NULL, \"the key\" int NOT NULL, f float8, secret text)",
                "INSERT INTO " + table + " SELECT 'p', i, i / 3.0, 's' || i FROM generate_series(1, 2000) i");
    }
}
