package io.pgconvoy.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.journal.DeferralMarkers.DeferredIndex;
import io.pgconvoy.postgres.toc.TocEntry;
import io.pgconvoy.transfer.RestorePlan.IndexEntry;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BuildQueueTest {
    private static final List<IndexEntry> INDEXES =
            List.of(index("small", 1, 10), index("largest", 1, 30), index("middle", 1, 20), index("other", 2, 5));

    private static IndexEntry index(String name, long table, long bytes) {
        DeferredIndex index =
                new DeferredIndex(1, table, "s", name, bytes, "CREATE INDEX", Optional.empty(), List.of());
        return new IndexEntry(index, "t", new TocEntry(1, 1259, 1, "INDEX s " + name));
    }

    private static String name(Optional<IndexEntry> taken) {
        return taken.map(one -> one.index().name()).orElse("none");
    }

    @Test
    void theLargestGoesFirst() {
        BuildQueue queue = new BuildQueue(INDEXES, false);

        assertThat(List.of(name(queue.take()), name(queue.take()), name(queue.take()), name(queue.take())))
                .containsExactly("largest", "middle", "small", "other");
        assertThat(queue.take()).isEmpty();
    }

    @Test
    void oneTablesIndexesAreTakenOneAfterTheOther() throws Exception {
        BuildQueue queue = new BuildQueue(INDEXES, true);
        DeferredIndex largest = queue.take().orElseThrow().index();
        assertThat(name(queue.take())).isEqualTo("other");

        CompletableFuture<String> next = CompletableFuture.supplyAsync(() -> name(queue.take()));
        assertThat(next).isNotDone();
        queue.finished(largest);

        assertThat(next.get(60, TimeUnit.SECONDS)).isEqualTo("middle");
    }

    @Test
    void concurrentBuildsDifferInOneWord() {
        assertThat(IndexBuild.concurrently("CREATE INDEX \"CREATE INDEX \" ON t USING btree (a)"))
                .isEqualTo("CREATE INDEX CONCURRENTLY \"CREATE INDEX \" ON t USING btree (a)");
        assertThat(IndexBuild.concurrently("CREATE UNIQUE INDEX i ON t USING btree (a)"))
                .isEqualTo("CREATE UNIQUE INDEX CONCURRENTLY i ON t USING btree (a)");
    }
}
