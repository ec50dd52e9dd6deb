package io.pgconvoy.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BuildWorkersFitTest {
    @ParameterizedTest
    @CsvSource({
        "1, 2, 8, 2",
        "2, 2, 8, 1",
        "1, 12, 64, 8",
        "1, 12, 8, 8",
        "3, 12, 8, 2",
        "2, 12, 64, 6",
        "12, 12, 8, 0",
        "12, 12, 64, 1",
        "1, 1, 8, 1",
        "1, 4, 0, 0",
        "1, 4, -1, 0"
    })
    void fewBuildsGetManyWorkersAndManyNone(int builds, int jobs, int parallelWorkers, int workers) {
        assertThat(BuildWorkersFit.workers(builds, jobs, parallelWorkers)).isEqualTo(workers);
    }

    @Test
    void refusesNoBuilds() {
        assertThatThrownBy(() -> BuildWorkersFit.workers(0, 2, 8)).isInstanceOf(IllegalArgumentException.class);
    }
}
