package io.pgconvoy.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TablePatternTest {
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                // pattern, database, schema, table, matches
                "app.orders,             app,   public, orders,   true",
                "app.orders,             app,   sales,  orders,   true",
                "app.orders,             app,   public, Orders,   false",
                "app.orders,             app,   orders, lines,    false",
                "App.orders,             App,   public, orders,   true",
                "app.sales.orders,       app,   sales,  orders,   true",
                "app.sales.orders,       app,   public, orders,   false",
                "app.Sales.orders,       app,   sales,  orders,   false",
                "app.ord*,               app,   public, orders,   true",
                "app.ord?rs,             app,   public, orders,   true",
                "app.ord?rs,             app,   public, ordrs,    false",
                "app.*.orders,           app,   public, orders,   false",
                "app.*.orders,           app,   *,      orders,   true",
                "*.orders,               *,     public, orders,   true",
                "app.ord\\*,             app,   public, ord*,     true",
                "app.ord\\*,             app,   public, orders,   false",
                "app.\"ord*\",           app,   public, ord*,     true",
                "app.\"ord*\",           app,   public, orders,   false",
                "app.\"a\\b?\",          app,   public, a\\b?,    true",
                "app.\"a.b\",            app,   public, a.b,      true",
                "app.a\\.b,              app,   public, a.b,      true",
                "app.\"a.b\".c,          app,   a.b,    c,        true",
                "\"my.app\".t,           my.app, s,     t,        true",
                "my\\.app.t,             my.app, s,     t,        true",
                "\"we\"\"ird\".\"t\"\"\", we\"ird, s,   t\",      true",
                "app.\"\"\"\",           app,   s,      \",       true",
                "app. t ,                app,   s,      ` t `,    false",
            })
    void matchesNames(String pattern, String database, String schema, String table, boolean expected) {
        TablePattern parsed = TablePattern.parse("--delay-table-data", pattern);

        assertThat(parsed.database()).isEqualTo(new DatabaseName(database));
        assertThat(parsed.matches(schema, table)).isEqualTo(expected);
        assertThat(parsed).hasToString(pattern);
    }

    @Test
    void matchesNamesWithLineBreaksAndSlashes() {
        TablePattern quoted = TablePattern.parse("x", "a/b.\"new\nline\".\"t\n/ 1\"");

        assertThat(quoted.database().value()).isEqualTo("a/b");
        assertThat(quoted.matches("new\nline", "t\n/ 1")).isTrue();
        assertThat(TablePattern.parse("x", "a.t*1").matches("s", "t\n/ 1")).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "``,              is empty",
                "app,             has 1 part",
                "\"app.t\",       has 1 part",
                "a.b.c.d,         has 4 parts",
                "a.b.c.d.e,       has 5 parts",
                "app.,            has an empty part",
                ".t,              has an empty part",
                "app..t,          has an empty part",
                "app.\"\".t,      has an empty part",
                "app.\"t,         has no closing quote",
                "app.\"t\"\",     has no closing quote",
                "\"app.t,         has no closing quote",
                "app.\"t\"x,      goes on behind a closing quote",
                "app.\"t\"*,      goes on behind a closing quote",
                "app.t\"x\",      has a quote within a part",
                "app.t\\,         ends in a lone backslash",
            })
    void refusesWhatHasNotTheForm(String pattern, String what) {
        assertThatThrownBy(() -> TablePattern.parse("--delay-table-data", pattern))
                .isInstanceOfSatisfying(PgconvoyException.class, failure -> {
                    assertThat(failure.kind()).isEqualTo(ErrorKind.USAGE);
                    assertThat(failure.hint()).contains("DATABASE.TABLE or DATABASE.SCHEMA.TABLE");
                })
                .hasMessageStartingWith("--delay-table-data: the pattern '" + pattern + "' " + what);
    }

    @Test
    void areOneALine() {
        assertThat(TablePattern.lines("app.t")).containsExactly("app.t");
        assertThat(TablePattern.lines("app.t\napp.u\n")).containsExactly("app.t", "app.u");
        assertThat(TablePattern.lines("app.t\n\napp.u")).containsExactly("app.t", "", "app.u");
        assertThat(TablePattern.lines("")).containsExactly("");
    }

    @Test
    void mayHoldALineBreakInQuotes() {
        assertThat(TablePattern.lines("app.\"a\nb\"\nshop.\"\"\"\n\"\nx.\\\"y\nz.\"\\\"\nq"))
                .isEqualTo(List.of("app.\"a\nb\"", "shop.\"\"\"\n\"", "x.\\\"y", "z.\"\\\"", "q"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"orders", "a.b", "a b", "a\nb", "a\"b", "*", "a?", "a\\b", "größe", "Ä/x", "t$1", "'"})
    void areWrittenSoThatTheyCanBeReadBack(String name) {
        DatabaseName database = new DatabaseName(name);

        TablePattern pattern = TablePattern.parse("x", TablePattern.of(database, name, name));

        assertThat(pattern.database()).isEqualTo(database);
        assertThat(pattern.matches(name, name)).isTrue();
        assertThat(pattern.matches(name, name + "x")).isFalse();
    }

    @Test
    void areQuotedOnlyWhereNeeded() {
        assertThat(TablePattern.of(new DatabaseName("app"), "public", "orders_2026"))
                .isEqualTo("app.public.orders_2026");
    }
}
