package io.pgconvoy.benchmark;

import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * One way to move a fleet: a script in the folder of contestants, with options.
 *
 * @param label as the user wrote it
 */
record Contestant(String label, Path script, List<String> options) {
    static final Path FOLDER = Path.of("scripts", "contestants").toAbsolutePath();

    private static final String NEEDS = "# needs: ";

    /** Reads {@code NAME} or {@code NAME:OPTION OPTION}. */
    static Contestant of(String label) {
        String[] parts = label.split(":", 2);
        if (!names().contains(parts[0])) {
            throw PgconvoyException.usage(
                    "--contestant: there is no contestant '" + parts[0] + "'", Fleet.choice(parts[0], names()));
        }
        List<String> options = parts.length == 1
                ? List.of()
                : Arrays.stream(parts[1].split("\\s+"))
                        .filter(option -> !option.isEmpty())
                        .toList();
        return new Contestant(label, FOLDER.resolve(parts[0]), options);
    }

    static List<String> names() {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.filter(Files::isExecutable)
                    .map(file -> file.getFileName().toString())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + FOLDER, e);
        }
    }

    /** Whether it is no peer, but what is measured against them. */
    boolean isPgconvoy() {
        return script.endsWith("convoy");
    }

    /** The programs that it runs and that the environment's PATH does not have. */
    List<String> missing(Map<String, String> environment) {
        try (Stream<String> lines = Files.lines(script)) {
            return lines.filter(line -> line.startsWith(NEEDS))
                    .flatMap(
                            line -> Arrays.stream(line.substring(NEEDS.length()).split(" ")))
                    .filter(program -> !isThere(program, environment))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + script, e);
        }
    }

    /** A variable such as PG_MIGRATE may name a program that is not on the PATH. */
    private static boolean isThere(String program, Map<String, String> environment) {
        String named = environment.get(program.toUpperCase(Locale.ROOT).replace('-', '_'));
        return named != null
                || Arrays.stream(environment.getOrDefault("PATH", "").split(":"))
                        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    /** Refuses to race without a program. */
    void check(Map<String, String> environment) {
        List<String> missing = missing(environment);
        if (!missing.isEmpty()) {
            throw new PgconvoyException(
                    ErrorKind.USAGE,
                    "--contestant " + label + " needs what is not installed: " + String.join(", ", missing),
                    "Install it, or name the folder of the client tools in PGCONVOY_PG_BIN"
                            + (script.endsWith("pg-migrate") ? ", or the program with --pg-migrate." : "."));
        }
    }
}
