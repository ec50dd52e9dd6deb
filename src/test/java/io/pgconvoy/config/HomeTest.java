package io.pgconvoy.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HomeTest {
    @Test
    void isWhatTheShellSays() {
        assertThat(Home.of(Map.of("HOME", "/home/of shell")).folder()).isEqualTo(Path.of("/home/of shell"));
    }

    @Test
    void isOfThePasswordDatabaseWithoutAnAbsoluteVariable() {
        Path known = Path.of(System.getProperty("user.home"));

        assertThat(Home.of(Map.of()).folder()).isEqualTo(known);
        assertThat(Home.of(Map.of("HOME", "")).folder()).isEqualTo(known);
        assertThat(Home.of(Map.of("HOME", "relative")).folder()).isEqualTo(known);
    }

    @Test
    void isAskedForWhereThereIsNone() {
        Home none = new Home(Optional.empty());

        assertThatThrownBy(none::folder).isInstanceOfSatisfying(PgconvoyException.class, failure -> {
            assertThat(failure.kind()).isEqualTo(ErrorKind.USAGE);
            assertThat(failure.hint()).contains("--state-dir");
        });
        assertThat(none.resolve("/a/b")).isEqualTo(Path.of("/a/b"));
    }

    @Test
    void standsForATildeAtTheBeginningOfAPath() {
        Home home = new Home(Optional.of(Path.of("/h")));

        assertThat(home.resolve("~/a/~/b")).isEqualTo(Path.of("/h/a/~/b"));
        assertThat(home.resolve("~")).isEqualTo(Path.of("/h"));
        assertThat(home.resolve("a/~")).isEqualTo(Path.of("a/~"));
        assertThat(home.resolve("~bob/x")).isEqualTo(Path.of("~bob/x"));
    }
}
