package io.pgconvoy.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgconvoy.migration.PlantedFleet.Planted;
import io.pgconvoy.migration.VerifyRun.Found;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.PgconvoyProcess;
import io.pgconvoy.testing.ServerOptions;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** {@code pgconvoy verify} on two servers that agree after a migration, and then less and less. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class VerifyIT {
    private final EmbeddedServer source =
            EmbeddedServer.start(ServerOptions.of("9.6").withoutSync());
    private final EmbeddedServer target =
            EmbeddedServer.start(ServerOptions.of("18").withoutSync());

    @TempDir
    private Path folder;

    @AfterAll
    void stop() {
        source.close();
        target.close();
    }

    @Test
    @Order(1)
    void saysThatServersAgree() throws SQLException {
        PlantedFleet.create(source);
        Move.Moved moved = new Move(source, target, folder).run("--verify=checksum");
        assertThat(moved.exitCode()).as(moved.output()).isZero();

        VerifyRun run = verify("--verify=checksum");

        assertThat(run.exitCode()).as(run.output()).isZero();
        assertThat(run.found()).isEmpty();
        assertThat(run.warnings()).isEmpty();
        assertThat(run.databases()).containsExactlyInAnyOrder("shop", PlantedFleet.ODD, "absent", "closed");
        assertThat(run.database("shop").get("rows").asLong()).isEqualTo(5 * 500 + 2 + 1);
        assertThat(run.result().stdout()).contains("verified by checksum", "no differences; elapsed");
        assertThat(run.json().get("exit_code").asInt()).isZero();
    }

    /** Everything differs but what was not selected. */
    @Test
    @Order(2)
    void comparesWhatIsSelectedAndNothingElse() throws Exception {
        plant(PlantedFleet.rows());
        plant(PlantedFleet.contents());

        VerifyRun others = verify("--verify=checksum", "--exclude-db=shop", "--exclude-db=it*");
        assertThat(others.exitCode()).as(others.output()).isZero();
        assertThat(others.databases()).containsExactlyInAnyOrder("absent", "closed");
        assertThat(verify("--include-db=nothing").exitCode()).isEqualTo(2);
    }

    @Test
    @Order(3)
    void comparesAsCloselyAsAsked() throws SQLException {
        VerifyRun none = verify("--verify=none");
        assertThat(none.exitCode()).as(none.output()).isZero();
        assertThat(none.database("shop").get("rows").isNull()).isTrue();

        target.sql("shop", "INSERT INTO keyless SELECT 'k' FROM generate_series(1, 5000)", "ANALYZE");
        source.sql("shop", "ANALYZE keyless");
        VerifyRun estimate = verify("--verify=estimate", "--include-db=shop");
        target.sql("shop", "DELETE FROM keyless WHERE v = 'k'");
        assertThat(estimate.exitCode()).as(estimate.output()).isZero();
        assertThat(estimate.warnings())
                .anyMatch(warning ->
                        warning.contains("table public.keyless has about 2 rows on the source and 5002 on the target"));

        VerifyRun count = verify();
        assertThat(count.exitCode()).as(count.output()).isEqualTo(3);
        assertThat(count.json().get("verify").asText()).isEqualTo("count");
        assertThat(count.found()).hasSize(PlantedFleet.rows().size());
        assertFound(count, PlantedFleet.rows());
    }

    @Test
    @Order(4)
    void findsEachPlantedDifferenceAndNoOther() throws SQLException {
        plant(PlantedFleet.definitions());
        target.sql("postgres", "ALTER DATABASE closed ALLOW_CONNECTIONS false");
        List<Planted> all = Stream.of(PlantedFleet.rows(), PlantedFleet.contents(), PlantedFleet.definitions())
                .flatMap(List::stream)
                .toList();
        assertThat(all).hasSizeGreaterThan(30);

        VerifyRun run = verify("--verify=checksum");

        assertThat(run.exitCode()).as(run.output()).isEqualTo(3);
        assertFound(run, all);
        // A table more has no owner, no privileges and no column of its own to name.
        List<Found> others = new ArrayList<>(run.found());
        all.forEach(planted -> others.removeIf(found -> matches(found, planted)));
        assertThat(others).extracting(Found::object).containsExactly("database closed");
        assertThat(run.database("closed").get("failure").asText()).contains("not currently accepting connections");
        assertThat(run.database("shop").get("failure").isNull()).isTrue();
        assertThat(run.result().stdout()).contains("1 database could not be compared");
    }

    /** What is to be looked at with a query can be looked at. */
    @Test
    @Order(5)
    void saysHowToLookAtRows() throws SQLException {
        List<Found> rows = verify("--verify=checksum", "--include-db=shop").found().stream()
                .filter(found -> found.look().contains("SELECT"))
                .toList();

        assertThat(rows).hasSizeGreaterThan(8);
        for (Found found : rows) {
            List<String> here = answers(source, found.look());
            assertThat(here).as(found.toString()).isNotEqualTo(answers(target, found.look()));
        }
    }

    @Test
    @Order(6)
    void leavesNothingWhenInterrupted() throws Exception {
        try (Connection blocker = source.connect("shop");
                Statement statement = blocker.createStatement()) {
            blocker.setAutoCommit(false);
            statement.execute("LOCK TABLE item IN ACCESS EXCLUSIVE MODE");
            try (PgconvoyProcess run = VerifyRun.start(source, target, folder.resolve("interrupted.json"))) {
                await().atMost(Duration.ofSeconds(30))
                        .untilAsserted(
                                () -> assertThat(source.column("postgres", """
                                SELECT query FROM pg_stat_activity
                                 WHERE application_name LIKE 'pgconvoy%' AND wait_event_type = 'Lock'
                                """)).isNotEmpty());
                run.signal("INT");
                assertThat(run.await(Duration.ofSeconds(30)).exitCode()).isEqualTo(130);
            }
        }
        assertThat(folder.resolve("interrupted.json")).content().containsPattern("\"exit_code\" : 130");
        for (EmbeddedServer server : List.of(source, target)) {
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(server.column(
                                    "postgres",
                                    "SELECT query FROM pg_stat_activity WHERE application_name LIKE 'pgconvoy%'"))
                            .isEmpty());
        }
    }

    private VerifyRun verify(String... options) {
        return VerifyRun.of(source, target, folder, options);
    }

    private void plant(List<Planted> differences) throws SQLException {
        for (Planted planted : differences) {
            target.sql(planted.database(), planted.sql());
        }
    }

    private static void assertFound(VerifyRun run, List<Planted> differences) {
        SoftAssertions softly = new SoftAssertions();
        for (Planted planted : differences) {
            List<Found> found =
                    run.found().stream().filter(one -> matches(one, planted)).toList();
            softly.assertThat(found).as(planted.toString()).hasSize(1);
            softly.assertThat(found).allMatch(one -> !one.look().isBlank());
            softly.assertThat(run.result().stdout()).contains(planted.object() + " " + planted.what());
        }
        softly.assertAll();
    }

    private static boolean matches(Found found, Planted planted) {
        return found.place().equals(planted.place())
                && found.object().equals(planted.object())
                && found.what().startsWith(planted.what());
    }

    private static List<String> answers(EmbeddedServer server, String query) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Connection connection = server.connect("shop");
                Statement statement = connection.createStatement()) {
            boolean isRows = statement.execute(query);
            while (!isRows) {
                isRows = statement.getMoreResults();
            }
            try (var row = statement.getResultSet()) {
                while (row.next()) {
                    StringBuilder text = new StringBuilder();
                    for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                        text.append(row.getString(i)).append('|');
                    }
                    rows.add(text.toString());
                }
            }
        } catch (SQLException missing) {
            // A large object that is not there is an error, not a row.
            rows.add(missing.getMessage());
        }
        return rows;
    }
}
