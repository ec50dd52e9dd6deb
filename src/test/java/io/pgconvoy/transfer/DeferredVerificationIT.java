package io.pgconvoy.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pgconvoy.journal.DeferralMarkers.DeferredTable;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.transfer.DeferredVerification.Verdict;
import io.pgconvoy.verify.checksum.SomeRows;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Loaded rows are told apart from clients', whatever either does to them. */
class DeferredVerificationIT {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"9.5", "9.6", "14", "18"})
    void judgesLoadedRowsAlone(String version) throws Exception {
        try (LoadScene scene = scene(version)) {
            DeferredTable big = bigTable(scene);
            scene.sql("CREATE TABLE empty (id integer)", "CREATE TABLE child () INHERITS (big)");
            scene.table("empty", false, "id");
            scene.sql("INSERT INTO child VALUES (-1)", "INSERT INTO big VALUES (-2)");
            assertThat(scene.load().completeTables()).contains(big.oid());
            scene.sql("INSERT INTO big VALUES (-3)", "INSERT INTO empty VALUES (1)");

            Verdict fine = verify(scene, Duration.ofSeconds(1));

            assertThat(fine.tables()).isEqualTo(2);
            assertThat(fine.rows()).isEqualTo(2000);
            assertThat(fine.differences()).isEmpty();
            assertThat(fine.warnings()).isEmpty();
            assertThat(fine.notes())
                    .containsExactly(
                            "table public.big: besides 2000 loaded rows it holds 2 that clients have written",
                            "table public.empty: besides 0 loaded rows it holds 1 that clients have written");
            // Row locks, and rewrites that keep the rows.
            scene.sql("BEGIN; SELECT * FROM big FOR UPDATE; COMMIT", "VACUUM FREEZE big", "VACUUM FULL big");
            scene.sql("CREATE INDEX ordered ON big (id)", "CLUSTER big USING ordered");
            assertThat(verify(scene, Duration.ofSeconds(1))).isEqualTo(fine);

            scene.sql("UPDATE big SET id = id WHERE id IN (1, 2)", "DELETE FROM big WHERE id IN (3, 4, -2)");
            Verdict changed = verify(scene, Duration.ofSeconds(12));

            assertThat(changed.differences()).isEmpty();
            assertThat(changed.warnings())
                    .singleElement()
                    .asString()
                    .contains("table public.big: of 2000 loaded rows 4 ", "clients have updated or deleted");
            assertThat(changed.notes()).first().asString().contains("besides 1996 loaded rows it holds 3 ");
        }
    }

    /** The statistics are all that could explain it, and they know of nothing. */
    @ParameterizedTest
    @ValueSource(strings = {"9.6", "18"})
    void aLoadedRowThatIsMissingIsADifference(String version) throws Exception {
        try (LoadScene scene = scene(version)) {
            bigTable(scene);
            assertThat(scene.load().failures()).isEmpty();
            scene.sql("SET track_counts = off; DELETE FROM big WHERE id = 7", "INSERT INTO big VALUES (7)");

            assertThat(verify(scene, Duration.ZERO).differences())
                    .singleElement()
                    .asString()
                    .contains("table public.big: of 2000 loaded rows 1 are no longer", "counts 0 updated or deleted");

            scene.sql("UPDATE big SET id = id WHERE id = 7");
            assertThat(verify(scene, Duration.ofSeconds(12)).differences())
                    .as("as many changes as rows are missing")
                    .isEmpty();
            scene.sql("SELECT pg_stat_reset()");
            // Before version 15 it takes a moment until that shows.
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> scene.value("SELECT pg_stat_get_tuples_updated('big'::regclass)"), "0"::equals);
            assertThat(verify(scene, Duration.ofSeconds(2)).differences()).hasSize(1);
        }
    }

    @Test
    void aTruncatedTableAPartWithoutEvidenceAndAMissingTableAreDifferences() throws Exception {
        try (LoadScene scene = scene("18")) {
            bigTable(scene);
            scene.sql(
                    "CREATE TABLE late (id integer)",
                    "CREATE TABLE gone (id integer)",
                    "CREATE UNLOGGED TABLE kept ()");
            scene.part(scene.table("gone", false, "id"), "SELECT 1");
            scene.part(scene.table("kept", false), "SELECT");
            assertThat(scene.load().failures()).isEmpty();
            scene.part(scene.table("late", false, "id"), "SELECT generate_series(1, 5)");
            scene.sql("TRUNCATE big", "DROP TABLE gone", "INSERT INTO late SELECT generate_series(1, 5)");

            assertThat(verify(scene, Duration.ZERO).differences())
                    .containsExactly(
                            "table public.big: of 2000 loaded rows 2000 are no longer on the target as they were loaded,"
                                    + " and the server counts 0 updated or deleted rows",
                            "table public.gone is missing on the target",
                            "table public.late has 5 rows on the source, of which 0 were loaded");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"9.5", "18"})
    void comparesTheContentsOfLoadedRowsWhereClientsHaveChangedNone(String version) throws Exception {
        try (LoadScene scene = scene(version)) {
            DeferredTable big = bigTable(scene);
            assertThat(scene.load().failures()).isEmpty();
            scene.sql(
                    "CREATE TABLE same AS SELECT * FROM big",
                    "CREATE TABLE other AS SELECT id + (id = 7)::int * 5000 AS id FROM big",
                    "INSERT INTO big VALUES (-1), (5)");

            scene.checksum(big, checksum(scene, "same"));
            assertThat(verify(scene, Duration.ZERO).differences()).isEmpty();
            assertThat(verify(scene, Duration.ZERO).warnings()).isEmpty();

            scene.checksum(big, checksum(scene, "other"));
            assertThat(verify(scene, Duration.ZERO).differences())
                    .containsExactly("table public.big has the same number of loaded rows, 2000, but other contents");

            scene.sql("UPDATE big SET id = 3000 WHERE id = 7");
            Verdict changed = verify(scene, Duration.ofSeconds(12));
            assertThat(changed.differences()).isEmpty();
            assertThat(changed.warnings())
                    .singleElement()
                    .asString()
                    .endsWith("so that their contents could not be compared");
        }
    }

    private static String checksum(LoadScene scene, String table) throws SQLException {
        try (Session session = scene.server().session(scene.database(), "test")) {
            return session.rolledBack(transaction -> SomeRows.read(transaction, "public", table, "true"))
                    .checksum()
                    .orElseThrow();
        }
    }

    @Test
    void withoutEvidenceNothingIsTakenForLoaded() throws Exception {
        try (LoadScene scene = scene("18")) {
            bigTable(scene);
            scene.sql("CREATE TABLE empty ()");
            scene.table("empty", false);

            assertThat(verify(scene, Duration.ZERO).differences())
                    .containsExactly("table public.big has 2000 rows on the source, of which 0 were loaded");
        }
    }

    /** Two parts of 1,000 rows. */
    private static DeferredTable bigTable(LoadScene scene) throws SQLException {
        scene.sql("CREATE TABLE big (id integer)");
        DeferredTable big = scene.table("big", false, "id");
        scene.part(big, "SELECT generate_series(1, 1000)");
        scene.part(big, "SELECT generate_series(1001, 2000)");
        return big;
    }

    private static Verdict verify(LoadScene scene, Duration patience) {
        return new DeferredVerification(
                        scene.pools(),
                        scene.evidence(),
                        (session, table, condition) -> SomeRows.read(session, table.schema(), table.name(), condition),
                        2,
                        new Cancellation(),
                        patience)
                .verify(scene.database(), scene.deferred(), scene.dumped(), tables -> {});
    }

    private LoadScene scene(String version) throws SQLException {
        assumeTrue(EmbeddedServer.available(version));
        return new LoadScene(EmbeddedServer.shared(version), folder);
    }
}
