package io.pgconvoy.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ByteSizeTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0 B",
        "999, 999 B",
        "1000, 1.0 kB",
        "1024, 1.0 kB",
        "10240, 10 kB",
        "1023000, 999 kB",
        "7733248, 7.4 MB",
        "2147483648, 2.0 GB",
        "9223372036854775807, 8192 PB",
    })
    void readsLikeASizeOfPostgresqls(long bytes, String text) {
        assertThat(new ByteSize(bytes)).hasToString(text);
    }

    @Test
    void readsTheSameInEveryLanguage() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.GERMANY);
            assertThat(new ByteSize(1536)).hasToString("1.5 kB");
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void addsAndCompares() {
        ByteSize sum = ByteSize.ofMegabytes(1).plus(new ByteSize(1));

        assertThat(sum.bytes()).isEqualTo(1_048_577);
        assertThat(sum.megabytes()).isEqualTo(1);
        assertThat(sum).isGreaterThan(ByteSize.ofMegabytes(1));
    }

    @Test
    void refusesLessThanNothing() {
        assertThatThrownBy(() -> new ByteSize(-1)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "1024, 1024",
        "7B, 7",
        "1kB, 1024",
        "1KB, 1024",
        "512MB, 536870912",
        "10 GB, 10737418240",
        "10 gb, 10737418240",
        "' 2  Tb ', 2199023255552",
        "8191PB, 9222246136947933184",
        "9223372036854775807, 9223372036854775807",
    })
    void isReadWithItsUnit(String text, long bytes) {
        assertThat(ByteSize.parse("--part-size", text)).isEqualTo(new ByteSize(bytes));
    }

    @ParameterizedTest
    @CsvSource({
        "'', is no size",
        "MB, is no size",
        "-1MB, is no size",
        "1.5GB, is no size",
        "1G, is no size",
        "1 GiB, is no size",
        "1GB 2MB, is no size",
        "\u0661MB, is no size",
        "8192PB, is too big",
        "99999999999999999999, is too big",
    })
    void isNotReadOtherwise(String text, String what) {
        assertThatThrownBy(() -> ByteSize.parse("--part-size", text))
                .isInstanceOfSatisfying(
                        PgconvoyException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(ErrorKind.USAGE))
                .hasMessage("--part-size: '" + text + "' " + what);
    }
}
