package io.pgconvoy.tuning;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.Endpoint;
import io.pgconvoy.config.EndpointUri;
import io.pgconvoy.config.Secret;
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

    @Test
    void connectsAsTheRunDidButForThePassword() {
        Endpoint target = EndpointUri.parse(
                Side.TARGET,
                "postgresql://a%20b:s3cr3t@[::1]:5433/ad%2Fmin?sslmode=verify-full&sslrootcert=/my%20ca&connect_timeout=5");

        String command = RevertCommand.of(target, Optional.empty());

        assertThat(command)
                .isEqualTo("pgconvoy revert-tuning --to 'postgresql://a%20b@[::1]:5433/ad/min?connect_timeout=5"
                        + "&sslmode=verify-full&sslrootcert=/my%20ca'");
        String uri = command.substring(command.indexOf('\'') + 1, command.length() - 1);
        assertThat(EndpointUri.parse(Side.TARGET, uri).withPassword(new Secret("s3cr3t")))
                .isEqualTo(target);
        assertThat(RevertCommand.of(
                        EndpointUri.parse(Side.TARGET, "postgresql://admin:s3cr3t@new/other"), Optional.empty()))
                .isEqualTo("pgconvoy revert-tuning --to-host new --to-port 5432 --to-user admin --to-db other");
    }
}
