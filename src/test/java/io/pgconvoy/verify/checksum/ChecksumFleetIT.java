package io.pgconvoy.verify.checksum;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.config.Side;
import io.pgconvoy.config.VerifyLevel;
import io.pgconvoy.journal.Markers.TableRows;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.SampleFleet;
import io.pgconvoy.testing.TestDatabases;
import io.pgconvoy.verify.rows.Comparison;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The fleet's databases, copied by the tools alone to a server of another version: all checksums agree. */
class ChecksumFleetIT {
    private static final List<String> DATABASES =
            List.of("types", "extensions", "names", "shop", "latin1", "sql_ascii", "touchy", "back\\slash");

    @ParameterizedTest
    @ValueSource(strings = {"9.5", "14"})
    void agreeAfterACopyTo18(String version) throws Exception {
        EmbeddedServer source = SampleFleet.shared(version);
        EmbeddedServer target = EmbeddedServer.shared("18");
        try (TestDatabases databases = TestDatabases.on(target);
                Checksums here = new Checksums(Side.SOURCE, source);
                Checksums there = new Checksums(Side.TARGET, target)) {
            for (String database : DATABASES) {
                String copy = Copy.of(source, database, target, databases);

                List<TableRows> expected = here.of(database);
                Comparison comparison = Comparison.of(expected, there.of(copy), VerifyLevel.COUNT);

                assertThat(comparison.differences()).as(database).isEmpty();
                assertThat(comparison.unknown()).as(database).isEmpty();
                assertThat(expected)
                        .as(database)
                        .isNotEmpty()
                        .allSatisfy(table -> assertThat(table.checksum()).isPresent());
            }
        }
    }
}
