package io.pgconvoy.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TextWidthTest {
    @Test
    void countsWideAndCombiningCharacters() {
        assertThat(TextWidth.of("shop")).isEqualTo(4);
        assertThat(TextWidth.of("日本")).isEqualTo(4);
        assertThat(TextWidth.of("e\u0301")).isEqualTo(1);
    }

    @Test
    void cutsToTheColumnsThereAre() {
        assertThat(TextWidth.cut("warehouse", 9)).isEqualTo("warehouse");
        assertThat(TextWidth.cut("warehouse", 8)).isEqualTo("wareh...");
        assertThat(TextWidth.cut("日本語日本語", 8)).isEqualTo("日本...");
        assertThat(TextWidth.cut("warehouse", 2)).isEqualTo("..");
        assertThat(TextWidth.cut("warehouse", 0)).isEmpty();
        assertThat(TextWidth.cut("warehouse", -1)).isEmpty();
    }

    @Test
    void padsByColumnsAndNotByCharacters() {
        assertThat(TextWidth.padRight("日", 4)).isEqualTo("日  ");
        assertThat(TextWidth.padLeft("日", 4)).isEqualTo("  日");
        assertThat(TextWidth.padLeft("long", 2)).isEqualTo("long");
    }
}
