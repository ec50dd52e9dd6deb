package io.pgconvoy.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BuildWorkersFitTest {
    @ParameterizedTest
    @CsvSource({"1, 8, 8", "1, 64, 8", "2, 8, 4", "3, 8, 2", "8, 8, 1", "9, 8, 0", "1, 0, 0", "1, -1, 0"})
    void fewBuildsGetManyWorkersAndManyNone(int builds, int parallelWorkers, int workers) {
        assertThat(BuildWorkersFit.workers(builds, parallelWorkers)).isEqualTo(workers);
    }

    @Test
    void refusesNoBuilds() {
        assertThatThrownBy(() -> BuildWorkersFit.workers(0, 8)).isInstanceOf(IllegalArgumentException.class);
    }
}
