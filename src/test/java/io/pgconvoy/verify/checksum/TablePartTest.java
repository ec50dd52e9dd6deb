package io.pgconvoy.verify.checksum;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.catalog.TableInfo;
import io.pgconvoy.config.ByteSize;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TablePartTest {
    private static final ByteSize PART = ByteSize.ofMegabytes(100);

    @Test
    void cutsALargeTableByPages() {
        DigestTable table = table(300_000_000, 3000, Optional.empty());

        assertThat(TablePart.of(List.of(table), PART))
                .extracting(part -> part.range().orElseThrow())
                .containsExactly(
                        "ctid < '(1000,0)'::pg_catalog.tid",
                        "ctid >= '(1000,0)'::pg_catalog.tid AND ctid < '(2000,0)'::pg_catalog.tid",
                        "ctid >= '(2000,0)'::pg_catalog.tid");
    }

    @Test
    void readsWholeWhatIsSmallOrCannotBeCut() {
        List<DigestTable> tables = List.of(
                table(99_000_000, 900, Optional.empty()),
                table(300_000_000, 0, Optional.empty()),
                table(300_000_000, 3000, Optional.of("WHERE a")));

        assertThat(TablePart.of(tables, PART))
                .containsExactly(
                        new TablePart(0, Optional.empty(), 99_000_000),
                        new TablePart(1, Optional.empty(), 300_000_000),
                        new TablePart(2, Optional.empty(), 300_000_000));
    }

    private static DigestTable table(long bytes, long pages, Optional<String> condition) {
        return new DigestTable(
                new TableInfo(1, "public", "t", 0, Optional.empty(), condition, false, false), List.of(), bytes, pages);
    }
}
