package io.pgconvoy.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RawTextTest {
    @Test
    void losesNoByteAndMakesNoTwoTextsAlike() {
        Set<String> texts = new HashSet<>();
        for (int first = 0; first < 256; first++) {
            for (int second = 0; second < 256; second++) {
                byte[] bytes = {(byte) first, (byte) second};
                String text = RawText.decode(bytes);
                assertThat(RawText.encode(text)).isEqualTo(bytes);
                assertThat(texts.add(text)).isTrue();
            }
        }
    }

    @Test
    void losesNoByteOfLongTexts() {
        Random random = new Random(7);
        for (int i = 0; i < 200; i++) {
            byte[] bytes = new byte[random.nextInt(300)];
            random.nextBytes(bytes);
            assertThat(RawText.encode(RawText.decode(bytes))).isEqualTo(bytes);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "plain", "na\u00efve", "\u65e5\u672c", "\ud83d\udc18", "\u0001\n\u007f"})
    void leavesUtf8AsItIs(String text) {
        assertThat(RawText.decode(text.getBytes(StandardCharsets.UTF_8))).isEqualTo(text);
        assertThat(RawText.isRaw(text)).isFalse();
        assertThat(RawText.printed(text)).isSameAs(text);
    }

    @Test
    void takesACharacterThatWouldMeanAByteApart() {
        byte[] bytes = Character.toString(0x10FFE9).getBytes(StandardCharsets.UTF_8);
        String text = RawText.decode(bytes);
        assertThat(RawText.encode(text)).isEqualTo(bytes);
        assertThat(text).isNotEqualTo(RawText.decode(new byte[] {(byte) 0xe9}));
    }

    @Test
    void showsBytesReadably() {
        String text = RawText.decode("caf\u00e9 \\".getBytes(StandardCharsets.ISO_8859_1));
        assertThat(RawText.isRaw(text)).isTrue();
        assertThat(RawText.printed(text)).isEqualTo("caf\\xe9 \\");
        assertThat(RawText.json("\"" + text + "\"")).startsWith("\"caf\\\\xe9 ");
    }
}
