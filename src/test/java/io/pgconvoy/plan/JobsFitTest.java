package io.pgconvoy.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.config.ByteSize;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class JobsFitTest {
    private static final ByteSize SMALL = ByteSize.ofMegabytes(9);

    @Test
    void aSmallDatabaseHasOneWorker() {
        assertThat(JobsFit.of(SMALL, OptionalInt.empty(), 8)).isEqualTo(1);
        assertThat(JobsFit.of(ByteSize.ofMegabytes(100), OptionalInt.empty(), 8))
                .isEqualTo(8);
    }

    @Test
    void whatTheUserSaysIsDone() {
        assertThat(JobsFit.of(SMALL, OptionalInt.of(4), 4)).isEqualTo(4);
    }

    @Test
    void ofUnknownSizeIsNotSmall() {
        assertThat(JobsFit.of(new ByteSize(0), OptionalInt.empty(), 8)).isEqualTo(8);
    }
}
