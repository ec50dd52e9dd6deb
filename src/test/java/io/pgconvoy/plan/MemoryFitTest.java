package io.pgconvoy.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgconvoy.config.ByteSize;
import org.junit.jupiter.api.Test;

class MemoryFitTest {
    @Test
    void givesABuilderAtMostTwoGigabytes() {
        assertThat(MemoryFit.maintenanceWorkMem(ByteSize.ofMegabytes(512 * 1024), 4))
                .contains(ByteSize.ofMegabytes(2048));
    }

    @Test
    void sharesAQuarterOfTheMachineAmongAllBuilders() {
        assertThat(MemoryFit.maintenanceWorkMem(ByteSize.ofMegabytes(24_105), 24))
                .contains(ByteSize.ofMegabytes(251));
    }

    @Test
    void leavesTheSettingAloneWhereTheShareIsBelowTheServersDefault() {
        assertThat(MemoryFit.maintenanceWorkMem(ByteSize.ofMegabytes(4096), 16)).contains(ByteSize.ofMegabytes(64));
        assertThat(MemoryFit.maintenanceWorkMem(ByteSize.ofMegabytes(4096), 17)).isEmpty();
    }

    @Test
    void refusesNoBuilders() {
        assertThatThrownBy(() -> MemoryFit.maintenanceWorkMem(ByteSize.ofMegabytes(4096), 0))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
