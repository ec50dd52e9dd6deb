package io.pgconvoy.verify.checksum;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.SoftAssertions.assertSoftly;

import io.pgconvoy.config.Side;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.TestDatabases;
import io.pgconvoy.verify.checksum.ValueCases.Case;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is equal has the same checksum on servers of different versions, what is not has another one. */
class ChecksumValuesIT {
    @ParameterizedTest
    @ValueSource(strings = {"9.5", "14"})
    void tellsTheLeastDifference(String version) throws Exception {
        EmbeddedServer older = EmbeddedServer.shared(version);
        EmbeddedServer newer = EmbeddedServer.shared("18");
        int major = Integer.parseInt(version.replaceFirst("\\..*", ""));
        List<Case> cases =
                ValueCases.all().stream().filter(one -> one.since() <= major).toList();
        try (TestDatabases onOlder = TestDatabases.on(older);
                TestDatabases onNewer = TestDatabases.on(newer);
                Checksums source = new Checksums(Side.SOURCE, older);
                Checksums target = new Checksums(Side.TARGET, newer)) {
            Map<String, String> expected = checksums(older, onOlder, source, cases, Case::source);
            Map<String, String> same = checksums(newer, onNewer, target, cases, Case::same);
            Map<String, String> other = checksums(newer, onNewer, target, cases, Case::other);

            assertThat(cases).hasSizeGreaterThan(100);
            assertSoftly(all -> cases.forEach(one -> {
                all.assertThat(expected.get(one.table())).as(one.source()).isNotNull();
                all.assertThat(same.get(one.table())).as(one.same()).isEqualTo(expected.get(one.table()));
                all.assertThat(other.get(one.table())).as(one.other()).isNotEqualTo(expected.get(one.table()));
            }));
        }
    }

    /** As many columns as a table may have, and more than a function may have arguments. */
    @ParameterizedTest
    @ValueSource(strings = {"9.5", "18"})
    void seesTheLastOfManyColumns(String version) throws Exception {
        EmbeddedServer server = EmbeddedServer.shared(version);
        try (TestDatabases databases = TestDatabases.on(server);
                Checksums checksums = new Checksums(Side.SOURCE, server)) {
            String database = databases.create();
            // Long enough that a row would not fit into a page, were it not for its floating-point numbers being NULL.
            server.sql(
                    database,
                    IntStream.rangeClosed(1, 1600)
                            .mapToObj(i -> "c" + i + " " + (i % 2 == 0 ? "float8" : "text"))
                            .collect(Collectors.joining(", ", "CREATE TABLE wide (", ")")),
                    "INSERT INTO wide (c1, c1600) VALUES ('', 1)");
            String before = checksums.of(database).get(0).checksum().orElseThrow();

            server.sql(database, "UPDATE wide SET c1600 = 2");

            assertThat(checksums.of(database).get(0).checksum())
                    .isPresent()
                    .get()
                    .isNotEqualTo(before);
        }
    }

    private static Map<String, String> checksums(
            EmbeddedServer server,
            TestDatabases databases,
            Checksums checksums,
            List<Case> cases,
            Function<Case, String> variant)
            throws SQLException {
        String database = databases.create();
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement()) {
            statement.execute(ValueCases.SETUP);
            for (Case one : cases) {
                try {
                    statement.execute(variant.apply(one));
                } catch (SQLException failure) {
                    throw new SQLException(failure.getMessage() + "\nin " + variant.apply(one), failure);
                }
            }
        }
        return checksums.of(database).stream()
                .collect(toMap(
                        table -> table.table(),
                        table -> table.rows().orElseThrow() + " "
                                + table.checksum().orElseThrow()));
    }
}
