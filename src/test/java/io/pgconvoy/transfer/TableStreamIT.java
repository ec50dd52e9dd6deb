package io.pgconvoy.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.pgconvoy.config.ByteSize;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.config.Side;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.ServerPools;
import io.pgconvoy.postgres.locks.SnapshotHolder;
import io.pgconvoy.postgres.retry.TransientRetry;
import io.pgconvoy.postgres.toc.ArchiveToc;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.transfer.TableStream.Copied;
import io.pgconvoy.transfer.early.EarlyBuilds;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows that go from one server straight to the other one. */
class TableStreamIT {
    private static final ByteSize SMALL_PARTS = new ByteSize(200_000);

    private static final EarlyBuilds NOTHING_EARLY =
            new EarlyBuilds(List.of(), ArchiveToc.parse(List.of()), false, entries -> List.of());

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"9.6", "14"})
    void copiesWholeTablesAndPartsOfTablesInBinaryAndAsText(String version) throws Exception {
        try (Transfer transfer = new Transfer(version, "UTF8", folder)) {
            fill(transfer, "parts", "id int PRIMARY KEY, v text", "i, md5(i::text)");
            fill(
                    transfer,
                    "\"as text\"",
                    "id int PRIMARY KEY, v money, \"of\"\"it\" text",
                    "i, i::money, E'\\t\\n\\\\.' || i");
            fill(transfer, "empty", "id int", "i", "WHERE false");
            fill(transfer, "bare", "", "");

            List<Copied> copied = copy(transfer, SMALL_PARTS, "parts", "\"as text\"", "empty", "bare");

            assertThat(copied).allSatisfy(table -> assertThat(table.failure()).isEmpty());
            assertThat(copied).extracting(Copied::rows).containsExactly(20_000L, 20_000L, 0L, 20_000L);
            assertThat(copied.get(0).planned().ranges()).as("it goes in parts").hasSizeGreaterThan(2);
            assertThat(copied)
                    .extracting(table -> table.planned().table().binary())
                    .startsWith(true, false);
            for (String query : List.of(
                    "SELECT p::text FROM parts p",
                    "SELECT t::text FROM \"as text\" t",
                    "SELECT count(*) FROM empty",
                    "SELECT count(*) FROM bare")) {
                assertThat(transfer.targetRows(query)).isEqualTo(transfer.sourceRows(query));
            }
        }
    }

    @Test
    void aTableThatIsRefusedStaysEmptyAndStopsNoOther() throws Exception {
        try (Transfer transfer = new Transfer("14", "UTF8", folder)) {
            fill(transfer, "refused", "id int PRIMARY KEY, v text", "i, md5(i::text)");
            fill(transfer, "gone", "id int PRIMARY KEY", "i");
            fill(transfer, "other", "id int PRIMARY KEY", "i");
            transfer.target().sql(transfer.database, "ALTER TABLE refused ADD CHECK (id <> 15000)", "DROP TABLE gone");

            List<Copied> copied = copy(transfer, SMALL_PARTS, "refused", "gone", "other");

            assertThat(copied.get(0).planned().ranges()).hasSizeGreaterThan(2);
            assertThat(copied.get(0).failure())
                    .get()
                    .satisfies(failure -> assertThat(failure).hasMessageContaining("violates check constraint"));
            assertThat(copied.get(1).failure())
                    .get()
                    .satisfies(failure -> assertThat(failure).hasMessageContaining("does not exist"));
            assertThat(copied.get(2).failure()).isEmpty();
            assertThat(transfer.targetRows("SELECT count(*) FROM refused")).containsExactly("0");
            assertThat(transfer.targetRows("SELECT count(*) FROM other")).containsExactly("20000");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"source", "target"})
    void aPartWhoseSessionIsLostIsCopiedAgain(String side) throws Exception {
        try (Transfer transfer = new Transfer("14", "UTF8", folder)) {
            fill(transfer, "slow", "id int PRIMARY KEY, v text", "i, md5(i::text)");
            try (SnapshotHolder holder = transfer.hold();
                    Connection barrier = transfer.source.connect(transfer.database)) {
                barrier.createStatement().execute("SELECT pg_advisory_lock(42)");
                List<PlannedTable> slow = List.of(slow(transfer, holder, "pg_advisory_xact_lock_shared(42)"));
                CompletableFuture<List<Copied>> copying =
                        CompletableFuture.supplyAsync(() -> copy(transfer, holder, slow));
                await().until(() -> isCopying(transfer));
                // The other part: its session's end would leave open whether its commit arrived.
                await().until(() -> transfer.targetRows("SELECT 'x' FROM slow").size() == 4_999);
                // What has begun to read has begun to write, too.
                String query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '"
                        + transfer.database + "' AND state = 'active' AND query LIKE 'COPY%"
                        + (side.equals("source") ? "TO STDOUT" : "FROM STDIN") + "%'";
                assertThat((side.equals("source") ? transfer.source : transfer.target()).column("postgres", query))
                        .hasSize(1);
                barrier.close();

                assertThat(copying.get(60, TimeUnit.SECONDS)).singleElement().satisfies(table -> {
                    assertThat(table.failure()).isEmpty();
                    assertThat(table.rows()).isEqualTo(20_000);
                });
            }
            assertThat(transfer.targetRows("SELECT s::text FROM slow s"))
                    .isEqualTo(transfer.sourceRows("SELECT s::text FROM slow s"));
        }
    }

    @Test
    void canBeCancelledInTheMiddle() throws Exception {
        try (Transfer transfer = new Transfer("14", "UTF8", folder)) {
            fill(transfer, "slow", "id int PRIMARY KEY, v text", "i, md5(i::text)");
            try (SnapshotHolder holder = transfer.hold()) {
                List<PlannedTable> slow = List.of(slow(transfer, holder, "pg_sleep(600)"));
                CompletableFuture<List<Copied>> copying =
                        CompletableFuture.supplyAsync(() -> copy(transfer, holder, slow));
                await().until(() -> isCopying(transfer));

                transfer.cancellation.cancel();

                assertThatThrownBy(() -> copying.get(60, TimeUnit.SECONDS))
                        .isInstanceOf(ExecutionException.class)
                        .cause()
                        .isInstanceOfSatisfying(
                                PgconvoyException.class,
                                failure -> assertThat(failure.kind()).isEqualTo(ErrorKind.INTERRUPTED));
            }
            await().until(() -> !isCopying(transfer));
        }
    }

    private static void fill(Transfer transfer, String table, String columns, String values, String... condition)
            throws SQLException {
        transfer.onBoth("CREATE TABLE " + table + " (" + columns + ")");
        transfer.source.sql(
                transfer.database,
                "INSERT INTO " + table + " SELECT " + values + " FROM generate_series(1, 20000) i "
                        + String.join(" ", condition),
                "ANALYZE " + table);
    }

    private static PlannedTable slow(Transfer transfer, SnapshotHolder holder, String waiting) throws SQLException {
        PlannedTable whole =
                transfer.plan(holder, ByteSize.ofMegabytes(1024), "slow").get(0);
        return new PlannedTable(
                whole.table(), List.of("id < 5000", "id >= 5000 AND (id <> 12000 OR " + waiting + " IS NOT NULL)"));
    }

    private static boolean isCopying(Transfer transfer) throws SQLException {
        return !transfer.source
                .column(
                        "postgres",
                        "SELECT query FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'COPY%12000%' AND datname = '"
                                + transfer.database + "'")
                .isEmpty();
    }

    private static List<Copied> copy(Transfer transfer, ByteSize partSize, String... tables) throws SQLException {
        try (SnapshotHolder holder = transfer.hold()) {
            return copy(transfer, holder, transfer.plan(holder, partSize, tables));
        }
    }

    private static List<Copied> copy(Transfer transfer, SnapshotHolder holder, List<PlannedTable> tables) {
        Server target = Server.connect(target(transfer).endpoint(Side.TARGET), "pgconvoy test", transfer.cancellation);
        try (ServerPools pools = new ServerPools(target)) {
            return new TableStream(
                            transfer.server,
                            pools,
                            transfer.name(),
                            transfer.encoding(),
                            new TransientRetry(transfer.cancellation, said -> {}))
                    .copy(holder, tables, 2, NOTHING_EARLY, done -> {});
        }
    }

    private static EmbeddedServer target(Transfer transfer) {
        try {
            return transfer.target();
        } catch (SQLException failure) {
            throw new IllegalStateException(failure);
        }
    }
}
