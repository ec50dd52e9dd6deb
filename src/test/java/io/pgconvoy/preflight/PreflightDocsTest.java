package io.pgconvoy.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.postgres.retry.TransientRetry;
import io.pgconvoy.preflight.database.DatabaseChecks;
import io.pgconvoy.preflight.removed.RemovedFeatures;
import io.pgconvoy.preflight.server.ServerChecks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

/**
 * That docs/preflight.md has a row for every check, and none for what is no check. The list between its two comments is made
 * from the checks themselves: see {@link #listsTheChecksAsTheyAre}.
 */
class PreflightDocsTest {
    private static final String BEGIN = "<!-- checks: begin -->";
    private static final String END = "<!-- checks: end -->";
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

    /** {@code -Dpgconvoy.rewriteDocs=true} has the page rewritten, for a change of the checks. */
    @Test
    void listsTheChecksAsTheyAre() throws IOException {
        Path page = Path.of("docs", "preflight.md");
        String text = Files.readString(page);
        String expected = text.substring(0, text.indexOf(BEGIN) + BEGIN.length()) + "\n" + list()
                + text.substring(text.indexOf(END));
        if (Boolean.getBoolean("pgconvoy.rewriteDocs")) {
            Files.writeString(page, expected);
        }

        assertThat(Files.readString(page)).isEqualTo(expected);
    }

    private static String list() {
        List<Check> removed = List.copyOf(RemovedFeatures.all());
        Set<String> names = removed.stream().map(Check::name).collect(Collectors.toSet());
        return """
                ## The checks of both servers

                """
                + table(Stream.concat(ServerChecks.foundations().stream(), ServerChecks.all().stream())
                        .map(Check.class::cast)
                        .toList())
                + """

                ## The checks of each database

                Blocker\\* is one that `--allow-restore-errors` turns into a warning: the statement fails on the target, and the
                user accepts that.

                """
                + table(DatabaseChecks.all().stream()
                        .map(Check.class::cast)
                        .filter(check -> !names.contains(check.name()))
                        .toList())
                + """

                ## What later versions removed or changed

                These look into each database for what a restore into the target's version would refuse, lose or break. Each names
                first the versions that it is about.

                """
                + table(removed);
    }

    private static String table(List<Check> checks) {
        return checks.stream().map(Check::row).collect(Collectors.joining("\n", """
                | check | severity | finds |
                | --- | --- | --- |
                """, "\n"));
    }

    /** As the refusal of a name that is none lists them. */
    private static List<String> names() {
        PgconvoyException refusal = Assertions.catchThrowableOfType(
                PgconvoyException.class,
                () -> new PreflightChecks(
                        Set.of("no-such-check"),
                        new Cancellation(),
                        new TransientRetry(new Cancellation(), text -> {})));
        return Arrays.asList(refusal.hint()
                .replaceFirst("^There are ", "")
                .replaceFirst("\\.$", "")
                .split(", ", -1));
    }
}
