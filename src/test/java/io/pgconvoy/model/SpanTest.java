package io.pgconvoy.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpanTest {
    @ParameterizedTest
    @CsvSource({
        "'',            0",
        "0-0,           0",
        "2-5,           3",
        "2-5 5-7,       5",
        "5-7 2-5,       5",
        "2-5 8-9,       4",
        "0-10 2-5,      10",
        "0-10 2-5 8-12, 12",
        "2-5 2-5,       3",
    })
    void coversEveryMomentOnce(String spans, long seconds) {
        assertThat(Span.covered(spans(spans))).isEqualTo(Duration.ofSeconds(seconds));
    }

    @ParameterizedTest
    @CsvSource({
        "0-5,      5-9,      0",
        "0-5,      3-9,      2",
        "0-5,      '',       0",
        "0-10,     2-4 3-6,  4",
        "0-3 6-9,  2-7,      2",
        "0-5 1-6,  4-9 5-10, 2",
    })
    void overlapsWhereBothLanesAreBusy(String one, String other, long seconds) {
        Duration expected = Duration.ofSeconds(seconds);

        assertThat(Span.overlap(spans(one), spans(other))).isEqualTo(expected);
        assertThat(Span.overlap(spans(other), spans(one))).isEqualTo(expected);
    }

    private static List<Span> spans(String spans) {
        return Arrays.stream(spans.split(" ", -1))
                .filter(span -> !span.isEmpty())
                .map(span -> span.split("-", -1))
                .map(ends -> new Span(second(ends[0]), Duration.between(second(ends[0]), second(ends[1]))))
                .toList();
    }

    private static Instant second(String text) {
        return Instant.ofEpochSecond(Long.parseLong(text));
    }
}
