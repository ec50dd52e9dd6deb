package io.pgconvoy.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SqlTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "shop      | \"shop\"",
                "Shop      | \"Shop\"",
                "a\"b      | \"a\"\"b\"",
                "\"        | \"\"\"\"",
                "a'b\\c    | \"a'b\\c\"",
                "a.b       | \"a.b\"",
                "select    | \"select\"",
            })
    void quotesIdentifiersAlways(String name, String quoted) {
        assertThat(Sql.identifier(name)).isEqualTo(quoted);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {"a  | 'a'", "it's | 'it''s'", "``  | ''", "a\\b | ` E'a\\\\b'`", "\\' | ` E'\\\\'''`"})
    void quotesTextsForBothReadingsOfABackslash(String text, String quoted) {
        assertThat(Sql.literal(text)).isEqualTo(quoted);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {"shop | 'shop'", "a=b | 'a=b'", "it's | 'it\\'s'", "a\\b | 'a\\\\b'", "`` | ''"})
    void quotesValuesOfConnectionStrings(String value, String quoted) {
        assertThat(Sql.conninfoValue(value)).isEqualTo(quoted);
    }

    @Test
    void quotesEachPartOfAQualifiedName() {
        assertThat(Sql.qualified("my.schema", "a\"b")).isEqualTo("\"my.schema\".\"a\"\"b\"");
        assertThat(Sql.identifiers(List.of("a", "b,c"))).isEqualTo("\"a\", \"b,c\"");
    }

    @Test
    void refusesWhatNoNameOrTextHolds() {
        assertThatThrownBy(() -> Sql.identifier("a\0b")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Sql.literal("a\0b")).isInstanceOf(IllegalArgumentException.class);
    }
}
