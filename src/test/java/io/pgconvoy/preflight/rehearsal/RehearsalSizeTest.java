package io.pgconvoy.preflight.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RehearsalSizeTest {
    @Test
    void isSmallUpToManyObjectsAndDatabases() {
        assertThat(new RehearsalSize(60, 6000).isSmall()).isTrue();
        assertThat(new RehearsalSize(61, 10).isSmall()).isFalse();
        assertThat(new RehearsalSize(1, 6001).isSmall()).isFalse();
        assertThat(new RehearsalSize(1, 6001)).hasToString("1 database, more than 6000 objects");
        assertThat(new RehearsalSize(61, 10)).hasToString("61 databases");
    }
}
