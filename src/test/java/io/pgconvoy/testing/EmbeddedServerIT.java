package io.pgconvoy.testing;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EmbeddedServerIT {
    @ParameterizedTest
    @ValueSource(strings = {"9.5", "9.6", "14", "18"})
    void startsEveryVersion(String version) throws Exception {
        EmbeddedServer server = EmbeddedServer.shared(version);

        assertThat(server.value("postgres", "SHOW server_version")).startsWith(version);
    }
}
