package io.pgconvoy.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CompressionTest {
    @ParameterizedTest
    @CsvSource({
        "zstd:1, zstd:1",
        "zstd:22, zstd:22",
        "ZSTD, zstd",
        "gzip:9, gzip:9",
        "gzip:01, gzip:1",
        "lz4:12, lz4:12",
        "none, none",
    })
    void readsMethodAndLevel(String given, String understood) {
        assertThat(Compression.parse(given)).hasToString(understood);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "zip", "zstd:", "zstd:x", "zstd:-1", "zstd:1:2", "none:0", ":1", "zstd 1", "zstd:99999999999"
            })
    void refusesWhatIsNoMethodWithLevel(String given) {
        assertThatThrownBy(() -> Compression.parse(given)).isInstanceOfSatisfying(PgconvoyException.class, failure -> {
            assertThat(failure.kind()).isEqualTo(ErrorKind.USAGE);
            assertThat(failure).hasMessage("--compress: '" + given + "' is not METHOD[:LEVEL]");
            assertThat(failure.hint()).contains("zstd:1");
        });
    }

    @ParameterizedTest
    @CsvSource({"gzip:0, 1 to 9", "gzip:10, 1 to 9", "lz4:13, 1 to 12", "zstd:23, 1 to 22", "zstd:0, 1 to 22"})
    void namesTheLevelsThatThereAre(String given, String levels) {
        assertThatThrownBy(() -> Compression.parse(given)).isInstanceOfSatisfying(PgconvoyException.class, failure -> {
            assertThat(failure.getMessage()).startsWith("--compress: ");
            assertThat(failure.hint()).contains(levels);
        });
    }
}
