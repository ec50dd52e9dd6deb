package io.pgconvoy.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.postgres.Cancellation;
import io.pgconvoy.postgres.TransientRetry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

/** That docs/preflight.md has a row for every check, and none for what is no check. */
class PreflightDocsTest {
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `([a-z0-9-]+)` \\|");

    @Test
    void nameEveryCheck() throws IOException {
        Set<String> documented = ROW.matcher(Files.readString(Path.of("docs", "preflight.md")))
                .results()
                .map(row -> row.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> known = new TreeSet<>(names());
        // What check alone says of a journal; there is nothing to ignore.
        known.add("journal");

        assertThat(documented).isEqualTo(known);
    }

    /** As the refusal of a name that is none lists them. */
    private static List<String> names() {
        PgconvoyException refusal = Assertions.catchThrowableOfType(
                PgconvoyException.class,
                () -> new Preflight(
                        Set.of("no-such-check"),
                        new Cancellation(),
                        new TransientRetry(new Cancellation(), text -> {})));
        return Arrays.asList(refusal.hint()
                .replaceFirst("^There are ", "")
                .replaceFirst("\\.$", "")
                .split(", ", -1));
    }
}
