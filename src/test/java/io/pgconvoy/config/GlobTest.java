package io.pgconvoy.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "shop        | shop          | true",
                "shop        | shop_eu       | false",
                "shop        | Shop          | false",
                "shop_*      | shop_eu       | true",
                "shop_*      | shop_         | true",
                "shop?       | shop1         | true",
                "shop?       | shop          | false",
                "*           | x             | true",
                "a.b         | axb           | false",
                "[ab]        | a             | false",
                "[ab]        | [ab]          | true",
                "\\*         | *             | true",
                "\\*         | shop          | false",
                "\\?         | ?             | true",
                "a\\\\b      | a\\b          | true",
                "\\Eshop     | Eshop         | true",
                "Ünï*        | Ünïcode       | true",
            })
    void matchesTheWholeNameAndNothingElse(String pattern, String name, boolean expected) {
        assertThat(Glob.parse("--include-db", pattern).matches(name)).isEqualTo(expected);
    }

    @Test
    void matchesNewlinesAndWholeCharacters() {
        assertThat(Glob.parse("--include-db", "a*b").matches("a\n\r\u2028b")).isTrue();
        assertThat(Glob.parse("--include-db", "a?b").matches("a\nb")).isTrue();
        assertThat(Glob.parse("--include-db", "?").matches("\ud83d\ude00")).isTrue();
        assertThat(Glob.parse("--include-db", "\ud83d\ude00?").matches("\ud83d\ude00x"))
                .isTrue();
    }

    @Test
    void namesTheOptionWhenMalformed() {
        assertThatThrownBy(() -> Glob.parse("--exclude-db", ""))
                .isInstanceOfSatisfying(PgconvoyException.class, failure -> {
                    assertThat(failure.kind()).isEqualTo(ErrorKind.USAGE);
                    assertThat(failure).hasMessage("--exclude-db: the pattern is empty");
                    assertThat(failure.hint()).isNotEmpty();
                });
        assertThatThrownBy(() -> Glob.parse("--include-db", "shop\\"))
                .isInstanceOf(PgconvoyException.class)
                .hasMessage("--include-db: the pattern 'shop\\' ends in a lone backslash");
    }
}
