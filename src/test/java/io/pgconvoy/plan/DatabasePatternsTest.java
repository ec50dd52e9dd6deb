package io.pgconvoy.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.Glob;
import io.pgconvoy.config.PgconvoyException;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DatabasePatternsTest {
    private static final List<DatabaseName> DATABASES = Stream.of(
                    "shop", "shop_old", "crm", "a,b", "my db", "template0")
            .map(DatabaseName::new)
            .toList();

    @Test
    void passWhereEachMatchesSomething() {
        assertThatCode(() -> DatabasePatterns.of(DATABASES)
                        .check("--include-db", globs("shop*", "a,b", "c?m"))
                        .check("--exclude-db", globs("shop_old", "template0"))
                        .refuseUnmatched())
                .doesNotThrowAnyException();
    }

    @Test
    void nameEachThatMatchesNothing() {
        assertThatThrownBy(() -> DatabasePatterns.of(DATABASES)
                        .check("--include-db", globs("shop", "shoop"))
                        .check("--exclude-db", globs("gone*"))
                        .refuseUnmatched())
                .isInstanceOfSatisfying(
                        PgconvoyException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(ErrorKind.USAGE))
                .hasMessage("--include-db: no database of the source matches 'shoop';"
                        + " --exclude-db: no database of the source matches 'gone*'");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "shoop      | Near 'shoop': shop",
                "Shop       | Upper and lower case differ.",
                "SHOP_*x    | Near 'SHOP_*x': shop, shop_old.",
                "crm,shop   | --include-db crm --include-db shop.",
                "~crm shop~ | --include-db crm --include-db shop.",
                "{crm,shop} | --include-db crm --include-db shop.",
                "crm,s*     | --include-db crm --include-db 's*'.",
                "[a-z]*     | Only * and ? are special in a pattern.",
                "shop.*     | Only * and ? are special in a pattern.",
                "^shop$     | Only * and ? are special in a pattern.",
                "shop%      | Only * and ? are special in a pattern.",
                "xyz        | The source has 'a,b', crm, 'my db', shop, shop_old, template0.",
            })
    void adviseByWhatWasMeant(String pattern, String advice) {
        assertThat(refusal(pattern).hint()).contains(advice);
    }

    @Test
    void nameAFewOfManyDatabases() {
        List<DatabaseName> many = IntStream.range(0, 500)
                .mapToObj(number -> new DatabaseName("d" + number))
                .toList();

        assertThatThrownBy(() ->
                        DatabasePatterns.of(many).check("--redo", globs("shop")).refuseUnmatched())
                .isInstanceOfSatisfying(
                        PgconvoyException.class,
                        failure -> assertThat(failure.hint()).contains("and 490 more"));
    }

    @Test
    void tellOfWhatMatchesButIsOfNoUse() {
        DatabasePatterns patterns = DatabasePatterns.of(DATABASES)
                .check("--exclude-db", globs("template0"))
                .otherThan(Map.of(new DatabaseName("template0"), "is always left out"))
                .check("--include-db", globs("template*", "*"));

        assertThatThrownBy(patterns::refuseUnmatched)
                .hasMessage("--include-db: 'template*' matches only database \"template0\", which is always left out");
    }

    private static PgconvoyException refusal(String pattern) {
        DatabasePatterns patterns = DatabasePatterns.of(DATABASES).check("--include-db", globs(pattern));
        return catchThrowableOfType(PgconvoyException.class, patterns::refuseUnmatched);
    }

    private static List<Glob> globs(String... patterns) {
        return Stream.of(patterns).map(pattern -> Glob.parse("--x", pattern)).toList();
    }
}
