package io.pgconvoy.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.config.ByteSize;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TablePartsTest {
    @Test
    void keepsEveryWorkerBusyWithoutCuttingTooSmall() {
        ByteSize most = ByteSize.ofMegabytes(1024);
        assertThat(TableParts.size(most, ByteSize.ofMegabytes(100_000), 4)).isEqualTo(most);
        assertThat(TableParts.count(ByteSize.ofMegabytes(600), TableParts.size(most, ByteSize.ofMegabytes(600), 4)))
                .isEqualTo(4);
        assertThat(TableParts.size(most, ByteSize.ofMegabytes(100), 4)).isEqualTo(ByteSize.ofMegabytes(64));
        ByteSize wished = ByteSize.ofMegabytes(1);
        assertThat(TableParts.size(wished, ByteSize.ofMegabytes(100), 4)).isEqualTo(wished);
    }

    @ParameterizedTest
    @CsvSource({"0, 100, 1", "1, 100, 1", "100, 100, 1", "101, 100, 2", "1000, 100, 10", "5, 0, 5"})
    void countsAsManyPartsAsTheSizeNeeds(long bytes, long partSize, int parts) {
        assertThat(TableParts.count(new ByteSize(bytes), new ByteSize(partSize)))
                .isEqualTo(parts);
    }

    @Test
    void countsNoMoreThanAnIntHolds() {
        assertThat(TableParts.count(new ByteSize(Long.MAX_VALUE), new ByteSize(1)))
                .isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void cutsPagesEvenly() {
        assertThat(TableParts.pageCuts(100, 4)).containsExactly(25L, 50L, 75L);
        assertThat(TableParts.pageCuts(10, 4)).containsExactly(2L, 5L, 7L);
    }

    @Test
    void cutsTheLargestTableThatThereCanBe() {
        List<Long> cuts = TableParts.pageCuts(4_294_967_294L, 32_768);

        assertThat(cuts).hasSize(32_767).isSorted();
        assertThat(cuts.get(32_766)).isBetween(4_294_700_000L, 4_294_967_294L);
    }

    @Test
    void makesFewerPartsThanAskedForWhereThereAreFewPages() {
        assertThat(TableParts.pageCuts(2, 5)).containsExactly(1L);
        assertThat(TableParts.pageCuts(1, 5)).isEmpty();
        assertThat(TableParts.pageCuts(0, 5)).isEmpty();
    }

    @Test
    void makesOnePartWithoutACut() {
        assertThat(TableParts.pageCuts(100, 1)).isEmpty();
        assertThat(TableParts.keyCuts(List.of(1L, 2L, 3L), 1)).isEmpty();
    }

    @Test
    void cutsKeysWhereTheHistogramSaysThatTheyAre() {
        List<Long> crowdedAtTheEnd = List.of(-1_000_000L, -5L, 0L, 10L, 11L);

        assertThat(TableParts.keyCuts(crowdedAtTheEnd, 4)).containsExactly(-5L, 0L, 10L);
        assertThat(TableParts.keyCuts(crowdedAtTheEnd, 2)).containsExactly(0L);
    }

    @Test
    void makesFewerPartsThanAskedForWhereTheHistogramIsCoarse() {
        assertThat(TableParts.keyCuts(List.of(1L, 5L, 9L), 10)).containsExactly(5L);
        assertThat(TableParts.keyCuts(List.of(1L), 10)).isEmpty();
        assertThat(TableParts.keyCuts(List.of(), 10)).isEmpty();
    }

    @Test
    void cutsKeysAtTheEndsOfTheirType() {
        assertThat(TableParts.keyCuts(List.of(Long.MIN_VALUE, 0L, Long.MAX_VALUE), 2))
                .containsExactly(0L);
        assertThat(TableParts.keyCuts(LongStream.rangeClosed(0, 10_000).boxed().toList(), 3))
                .containsExactly(3333L, 6666L);
    }
}
