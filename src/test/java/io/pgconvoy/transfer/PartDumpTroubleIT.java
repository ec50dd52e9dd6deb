package io.pgconvoy.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pgconvoy.config.ByteSize;
import io.pgconvoy.config.DumpRoot;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.DeferralMarkers.DumpedPart;
import io.pgconvoy.postgres.locks.SnapshotHolder;
import io.pgconvoy.transfer.Transfer.Dumped;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Parts that cannot be dumped, or were damaged since. */
class PartDumpTroubleIT {
    private static final String SLOW = "pg_sleep(600) IS NULL";

    @TempDir
    private Path folder;

    private Transfer transfer;

    @BeforeEach
    void fill() throws SQLException {
        transfer = new Transfer("14", "UTF8", folder.resolve("parts"));
        transfer.source.sql(
                transfer.database,
                "CREATE TABLE huge (id int PRIMARY KEY, filler text)",
                "INSERT INTO huge SELECT i, md5(i::text) FROM generate_series(1, 20000) i");
    }

    @AfterEach
    void drop() throws SQLException {
        transfer.close();
    }

    @Test
    void namesThePartThatFailsAndBreaksOffTheOthers() throws Exception {
        try (SnapshotHolder holder = transfer.hold()) {
            PlannedTable failing = planned(holder, "1 / (id - 500) >= 0", SLOW);

            assertThatThrownBy(() -> transfer.dump(holder, List.of(failing)))
                    .isInstanceOfSatisfying(PgconvoyException.class, failure -> {
                        assertThat(failure)
                                .hasMessageContainingAll(
                                        transfer.database, "part 1 of table public.huge", "division by zero");
                        assertThat(failure.kind()).isEqualTo(ErrorKind.SOURCE);
                    });
        }
        assertThat(transfer.folder).isEmptyDirectory();
        assertNobodyCopies();
    }

    @Test
    void canBeCancelledInTheMiddleOfAPart() throws Exception {
        try (SnapshotHolder holder = transfer.hold()) {
            PlannedTable slow = planned(holder, "id < 5", SLOW);
            CompletableFuture<List<DumpedPart>> dump =
                    CompletableFuture.supplyAsync(() -> new PartDump(transfer.server, 2)
                            .dump(
                                    transfer.name(),
                                    "UTF8",
                                    holder,
                                    List.of(slow),
                                    transfer.folder,
                                    new CountDownLatch(0),
                                    bytes -> {}));
            await().until(() -> !copying().isEmpty());

            transfer.cancellation.cancel();

            assertThatThrownBy(() -> dump.get(60, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOfSatisfying(
                            PgconvoyException.class,
                            failure -> assertThat(failure.kind()).isEqualTo(ErrorKind.INTERRUPTED));
        }
        assertThat(names()).doesNotContain(name(2)).isSubsetOf(name(1), name(1).replace(".copy.zst", ".json"));
        assertNobodyCopies();
    }

    @Test
    void namesALostSnapshot() throws Exception {
        PlannedTable planned;
        SnapshotHolder lost = transfer.hold();
        try (lost) {
            planned = planned(lost, "id < 5");
        }

        assertThatThrownBy(() -> new PartDump(transfer.server, 2)
                        .dump(
                                transfer.name(),
                                "UTF8",
                                lost,
                                List.of(planned),
                                transfer.folder,
                                new CountDownLatch(0),
                                bytes -> {}))
                .isInstanceOf(PgconvoyException.class)
                .hasMessageContainingAll(transfer.database, lost.snapshot());
    }

    @Test
    void saysThatTheDiskIsFull() throws Exception {
        assumeTrue(Files.exists(Path.of("/dev/full")), "has no full disk to offer");
        DumpRoot.createFolder(transfer.files().folder());
        String file = name(2);
        try (SnapshotHolder holder = transfer.hold()) {
            PlannedTable planned = planned(holder, "id < 5", "id >= 5");
            Files.createSymbolicLink(transfer.folder.resolve(file), Path.of("/dev/full"));

            assertThatThrownBy(() -> transfer.dump(holder, List.of(planned)))
                    .isInstanceOfSatisfying(PgconvoyException.class, failure -> {
                        assertThat(failure).hasMessageContainingAll("--dump-root", file, "no space left on device");
                        assertThat(failure.hint()).contains("is full");
                    });
        }
        assertThat(names()).doesNotContain(file, file.replace(".copy.zst", ".json"));
    }

    @Test
    void tellsHowManyBytesWereCopied() throws Exception {
        List<Long> told = new ArrayList<>();
        try (SnapshotHolder holder = transfer.hold()) {
            List<DumpedPart> parts = new PartDump(transfer.server, 1)
                    .dump(
                            transfer.name(),
                            "UTF8",
                            holder,
                            List.of(planned(holder, "id < 5", "id >= 5")),
                            transfer.folder,
                            new CountDownLatch(0),
                            told::add);

            assertThat(told).isSorted();
            assertThat(told.get(told.size() - 1))
                    .isEqualTo(parts.stream().mapToLong(DumpedPart::bytes).sum());
        }
    }

    @Test
    void dumpsADamagedPartAgain() throws Exception {
        Dumped dumped = transfer.dump(new ByteSize(400_000), "huge").get(0);
        DumpedPart part = dumped.parts().get(1);
        Path file = transfer.files().data(part);
        byte[] intact = Files.readAllBytes(file);
        List<String> before = names();

        Files.write(file, new byte[] {1, 2, 3});
        assertThat(dumpAgain(dumped, part)).isTrue();
        assertThat(file).hasBinaryContent(intact);
        Files.delete(file);
        assertThat(dumpAgain(dumped, part)).isTrue();
        assertThat(file).hasBinaryContent(intact);
        assertThat(names()).isEqualTo(before);
    }

    @Test
    void keepsADamagedPartWhoseRowsAreNoLongerThere() throws Exception {
        Dumped dumped = transfer.dump(new ByteSize(400_000), "huge").get(0);
        DumpedPart part = dumped.parts().get(1);
        Path file = transfer.files().data(part);
        byte[] damaged = {1, 2, 3};
        Files.write(file, damaged);
        List<String> before = names();

        for (String change : List.of(
                "UPDATE huge SET filler = 'other' WHERE ctid = (SELECT max(ctid) FROM huge WHERE "
                        + part.range().orElseThrow() + ")",
                "ALTER TABLE huge RENAME filler TO renamed",
                "DROP TABLE huge")) {
            transfer.source.sql(transfer.database, change);

            assertThat(dumpAgain(dumped, part)).as(change).isFalse();
        }
        assertThat(file).hasBinaryContent(damaged);
        assertThat(names()).isEqualTo(before);
    }

    private boolean dumpAgain(Dumped dumped, DumpedPart part) {
        return new PartDump(transfer.server, 2)
                .dumpAgain(transfer.name(), "UTF8", dumped.table(), part, transfer.folder);
    }

    private PlannedTable planned(SnapshotHolder holder, String... ranges) throws SQLException {
        return new PlannedTable(
                transfer.plan(holder, ByteSize.ofMegabytes(1024), "huge").get(0).table(), List.of(ranges));
    }

    private String name(int part) throws SQLException {
        return PartFiles.name(
                Long.parseLong(transfer.source.value(transfer.database, "SELECT 'huge'::regclass::oid::bigint")), part);
    }

    private List<String> names() throws IOException {
        try (Stream<Path> entries = Files.list(transfer.folder)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        }
    }

    private List<String> copying() throws SQLException {
        return transfer.source.column(
                "postgres",
                "SELECT query FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'COPY%sleep%' AND datname = '"
                        + transfer.database + "'");
    }

    private void assertNobodyCopies() {
        await().atMost(Duration.ofSeconds(60)).until(() -> copying().isEmpty());
    }
}
