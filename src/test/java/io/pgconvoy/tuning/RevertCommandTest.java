package io.pgconvoy.tuning;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.Endpoint;
import io.pgconvoy.config.Side;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RevertCommandTest {
    @Test
    void canBeTypedWhateverTheNames() {
        Endpoint target = new Endpoint(
                Side.TARGET, "::1", 5433, "o'hara", Optional.empty(), new DatabaseName("postgres"), Map.of());
        assertThat(RevertCommand.of(target, Optional.of(Path.of("/my state"))))
                .isEqualTo("pgconvoy revert-tuning --to-host ::1 --to-port 5433 --to-user 'o'\\''hara'"
                        + " --state-dir '/my state'");
        assertThat(RevertCommand.of(target, Optional.empty())).doesNotContain("--state-dir");
    }
}
