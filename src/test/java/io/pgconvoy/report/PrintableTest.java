package io.pgconvoy.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PrintableTest {
    @Test
    void leavesOrdinaryTextAsItIs() {
        for (String text :
                new String[] {"", "shop", "with space", "Ünïcode", "日本語", "\ud83d\ude00", "C:\\temp", "\"q'"}) {
            assertThat(Printable.of(text)).isEqualTo(text);
        }
    }

    @Test
    void showsNewlinesAndTabs() {
        assertThat(Printable.of("new\nline\r\n\tx")).isEqualTo("new\\nline\\r\\n\\tx");
    }

    @Test
    void defusesEscapeSequences() {
        assertThat(Printable.of("\u001b[2J\u001b]0;title\u0007")).isEqualTo("\\u001b[2J\\u001b]0;title\\u0007");
        // The one-character form of ESC [.
        assertThat(Printable.of("\u009b31m\u007f")).isEqualTo("\\u009b31m\\u007f");
    }

    @Test
    void showsWhatReversesOrHidesText() {
        assertThat(Printable.of("a\u202eb\u200bc\u2028d")).isEqualTo("a\\u202eb\\u200bc\\u2028d");
        assertThat(Printable.of(new StringBuilder().appendCodePoint(0xe0001).toString()))
                .isEqualTo("\\U000e0001");
    }

    @Test
    void showsHalfOfASurrogatePair() {
        assertThat(Printable.of("a\ud83d")).isEqualTo("a\\ud83d");
    }
}
