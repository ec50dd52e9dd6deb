package io.pgconvoy.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class DurationsTest {
    @Test
    void showsThreeScales() {
        assertThat(Durations.text(Duration.ofMillis(4_250))).isEqualTo("4.2 s");
        assertThat(Durations.text(Duration.ofMillis(59_999))).isEqualTo("59.9 s");
        assertThat(Durations.text(Duration.ofSeconds(60))).isEqualTo("1m00s");
        assertThat(Durations.text(Duration.ofSeconds(185))).isEqualTo("3m05s");
        assertThat(Durations.text(Duration.ofSeconds(3599))).isEqualTo("59m59s");
        assertThat(Durations.text(Duration.ofMinutes(62))).isEqualTo("1h02m");
        assertThat(Durations.text(Duration.ofHours(100))).isEqualTo("100h00m");
    }

    @Test
    void showsWholeSecondsWhileRunning() {
        assertThat(Durations.running(Duration.ofMillis(4_250))).isEqualTo("4 s");
        assertThat(Durations.running(Duration.ofSeconds(185))).isEqualTo("3m05s");
    }

    @Test
    void showsNothingNegative() {
        assertThat(Durations.text(Duration.ofSeconds(-5))).isEqualTo("0.0 s");
        assertThat(Durations.running(Duration.ofSeconds(-5))).isEqualTo("0 s");
    }
}
