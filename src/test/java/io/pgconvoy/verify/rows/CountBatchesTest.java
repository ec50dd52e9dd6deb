package io.pgconvoy.verify.rows;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.catalog.TableInfo;
import io.pgconvoy.config.ByteSize;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CountBatchesTest {
    @Test
    void givesEachBigTableAQueryOfItsOwnAndBeginsWithThem() {
        List<TableInfo> tables = List.of(table("small", 1), table("big", 100), table("bigger", 200), table("tiny", 0));

        assertThat(CountBatches.of(tables)).containsExactly(List.of(2), List.of(1), List.of(0, 3));
    }

    @Test
    void countsEveryTableOnce() {
        List<TableInfo> tables = new ArrayList<>();
        for (int i = 0; i < 1234; i++) {
            tables.add(table("t" + i, i % 20));
        }

        List<List<Integer>> batches = CountBatches.of(tables);

        assertThat(batches.stream().flatMap(List::stream)).hasSize(1234).doesNotHaveDuplicates();
        assertThat(batches).allSatisfy(batch -> assertThat(batch).hasSizeLessThanOrEqualTo(50));
    }

    @Test
    void hasNothingToDoWithoutTables() {
        assertThat(CountBatches.of(List.of())).isEmpty();
    }

    @Test
    void quotesNamesAndCountsNoChildren() {
        List<TableInfo> tables = List.of(table("a\"b", 0), table("conf", 0, Optional.of("WHERE NOT builtin"), false));

        assertThat(CountBatches.query(tables, List.of(0, 1)))
                .isEqualTo("SELECT 0, pg_catalog.count(*) FROM ONLY \"public\".\"a\"\"b\""
                        + " UNION ALL SELECT 1, pg_catalog.count(*) FROM ONLY \"public\".\"conf\" WHERE NOT builtin");
    }

    /** Whoever counts them waits for nobody, and would hold up the others. */
    @Test
    void leavesMaterializedViewsAlone() {
        List<TableInfo> tables = List.of(table("small", 1), table("view", 1, Optional.empty(), true), table("tiny", 0));

        assertThat(CountBatches.of(tables)).containsExactly(List.of(0, 2), List.of(1));
    }

    private static TableInfo table(String name, long megabytes) {
        return table(name, megabytes, Optional.empty(), false);
    }

    private static TableInfo table(String name, long megabytes, Optional<String> condition, boolean materializedView) {
        return new TableInfo(
                1,
                "public",
                name,
                ByteSize.ofMegabytes(megabytes).bytes(),
                Optional.empty(),
                condition,
                false,
                materializedView);
    }
}
