package io.pgconvoy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What a finally throws hides what went wrong before it, with its SQLSTATE: on a session that broke, every statement throws.
 * {@link io.pgconvoy.postgres.Transaction.Undo} does not.
 */
class FinallyBlocksTest {
    private static final Pattern STATEMENT = Pattern.compile("[.](?:execute\\w*|rollback|commit|setAutoCommit)\\(");

    @Test
    void executeNoStatements() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            List<Path> sources =
                    files.filter(file -> file.toString().endsWith(".java")).toList();
            assertThat(sources).hasSizeGreaterThan(100);
            assertThat(sources.stream().flatMap(FinallyBlocksTest::finallyBlocks))
                    .isNotEmpty()
                    .noneMatch(block -> STATEMENT.matcher(block).find());
        }
    }

    private static Stream<String> finallyBlocks(Path file) {
        String source;
        try {
            source = Files.readString(file);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return Pattern.compile("finally \\{")
                .matcher(source)
                .results()
                .map(found -> file + ": " + block(source, found.end()));
    }

    private static String block(String source, int from) {
        int depth = 1;
        int end = from;
        while (depth > 0) {
            depth += switch (source.charAt(end)) {
                case '{' -> 1;
                case '}' -> -1;
                default -> 0;
            };
            end++;
        }
        return source.substring(from, end);
    }
}
