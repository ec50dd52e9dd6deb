package io.pgconvoy.verify.rows;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.config.VerifyLevel;
import io.pgconvoy.journal.Markers.TableRows;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ComparisonTest {
    @Test
    void acceptsEqualCounts() {
        List<TableRows> tables = List.of(table("public", "a", 5L), table("eu", "a", 0L));

        assertThat(Comparison.of(tables, tables, VerifyLevel.COUNT))
                .isEqualTo(new Comparison(2, Optional.of(5L), List.of(), List.of()));
    }

    @Test
    void namesEachTableThatDiffersByOneRow() {
        Comparison comparison = Comparison.of(
                List.of(table("public", "a", 5_000_000L), table("public", "b", 1L)),
                List.of(table("public", "a", 4_999_999L), table("public", "b", 1L)),
                VerifyLevel.COUNT);

        assertThat(comparison.differences())
                .containsExactly("table public.a has 5000000 rows on the source and 4999999 on the target");
    }

    @Test
    void namesATableThatIsMissing() {
        Comparison comparison =
                Comparison.of(List.of(table("public", "a", 0L)), List.of(table("eu", "a", 0L)), VerifyLevel.COUNT);

        assertThat(comparison.differences()).containsExactly("table public.a is missing on the target");
    }

    @Test
    void tellsDotsInNamesApart() {
        Comparison comparison =
                Comparison.of(List.of(table("a.b", "c", 1L)), List.of(table("a", "b.c", 1L)), VerifyLevel.COUNT);

        assertThat(comparison.differences()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "1000000, 1000000, true",
        "1000000, 905000,  true",
        "1000000, 890000,  false",
        "1500,    600,     true",
        "5000,    3900,    false",
        "0,       0,       true",
        "0,       1,       false",
        "10,      0,       false",
    })
    void letsEstimatesDifferALittle(long source, long target, boolean same) {
        Comparison comparison = Comparison.of(
                List.of(table("public", "a", source)), List.of(table("public", "a", target)), VerifyLevel.ESTIMATE);

        assertThat(comparison.differences().isEmpty()).isEqualTo(same);
        assertThat(comparison.rows()).isEmpty();
    }

    @Test
    void listsTablesWithoutAnEstimate() {
        Comparison comparison = Comparison.of(
                List.of(table("public", "a", null)), List.of(table("public", "a", 3L)), VerifyLevel.ESTIMATE);

        assertThat(comparison.unknown()).containsExactly("table public.a");
        assertThat(comparison.differences()).isEmpty();
    }

    @Test
    void namesATableOfEqualCountAndOtherContents() {
        List<TableRows> source = List.of(summed("a", "1:00"), summed("b", "1:00"), summed("c", "1:00"));
        List<TableRows> target = List.of(summed("a", "1:01"), summed("b", "1:00"), table("public", "c", 12345L));

        Comparison comparison = Comparison.of(source, target, VerifyLevel.CHECKSUM);

        assertThat(comparison.tables()).isEqualTo(3);
        assertThat(comparison.rows()).contains(3 * 12345L);
        assertThat(comparison.differences())
                .containsExactly("table public.a has the same number of rows, 12345, but other contents");
        assertThat(comparison.unknown()).isEmpty();
    }

    @Test
    void doesNotCompareChecksumsThatWereMadeInDifferentWays() {
        Comparison comparison =
                Comparison.of(List.of(summed("a", "1:00")), List.of(summed("a", "2:00")), VerifyLevel.CHECKSUM);

        assertThat(comparison.differences()).isEmpty();
        assertThat(comparison.unknown()).hasSize(1);
    }

    private static TableRows summed(String name, String checksum) {
        return new TableRows("public", name, Optional.empty(), Optional.of(12345L), Optional.of(checksum));
    }

    private static TableRows table(String schema, String name, Long rows) {
        return new TableRows(schema, name, Optional.empty(), Optional.ofNullable(rows));
    }
}
