package io.pgconvoy.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PgconvoyProcessIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Test
    void givesWhatAUserSees() {
        PgconvoyProcess.Result result = PgconvoyProcess.run(List.of("--version"), Map.of(), PATIENCE);

        assertThat(result.exitCode()).isZero();
        assertThat(result.stdout()).startsWith("pgconvoy ");
        assertThat(result.stderr()).isEmpty();
    }

    @Test
    void findsALineThatWasPrinted() {
        try (PgconvoyProcess pgconvoy = PgconvoyProcess.start(List.of("migrate", "--nonsense"), Map.of())) {
            assertThat(pgconvoy.awaitLine("hint: (.*)", PATIENCE).group(1)).contains("--help");
            assertThat(pgconvoy.await(PATIENCE).exitCode()).isEqualTo(2);
        }
    }
}
