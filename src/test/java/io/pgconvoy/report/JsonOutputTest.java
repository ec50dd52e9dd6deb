package io.pgconvoy.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonOutputTest {
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final PrintStream stdout = new PrintStream(written, true, StandardCharsets.UTF_8);

    @TempDir
    Path folder;

    @Test
    void removesWhatAnEarlierRunWroteBeforeAnythingElse() throws IOException {
        Path file = Files.writeString(folder.resolve("summary.json"), "old");

        JsonOutput output = open(file);

        assertThat(folder).isEmptyDirectory();
        output.write(SummaryJson.of(Summaries.ofEveryOutcome()));
        assertThat(new ObjectMapper().readTree(file.toFile()).path("exit_code").intValue())
                .isEqualTo(3);
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
        assertThat(written.size()).isZero();
    }

    @Test
    void replacesWhatASymbolicLinkPointsTo() throws IOException {
        Path file = Files.createDirectory(folder.resolve("there")).resolve("summary.json");
        Files.writeString(file, "old");
        Path link = Files.createSymbolicLink(folder.resolve("link.json"), Path.of("there", "summary.json"));

        JsonOutput output = open(link);
        assertThat(file).doesNotExist();
        output.write(SummaryJson.of(Summaries.ofEveryOutcome()));

        assertThat(link).isSymbolicLink();
        assertThat(Files.readString(file)).startsWith("{");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"})
    void meansStdout(String name) throws IOException {
        JsonOutput output = JsonOutput.open(name, stdout);

        output.write(SummaryJson.of(Summaries.ofEveryOutcome()));

        assertThat(output.isStdout()).isTrue();
        assertThat(new ObjectMapper()
                        .readTree(written.toByteArray())
                        .path("format")
                        .intValue())
                .isEqualTo(1);
        assertThat(Path.of("-")).doesNotExist();
    }

    @Test
    void saysThatNobodyReadsStdout() {
        PrintStream closed = new PrintStream(new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
            }
        });
        JsonOutput output = JsonOutput.open("-", closed);

        assertThatThrownBy(() -> output.write(SummaryJson.of(Summaries.ofEveryOutcome())))
                .isInstanceOf(PgconvoyException.class)
                .hasMessageContaining("--summary-json -");
    }

    @Test
    void writesToADevice() {
        JsonOutput.open("/dev/null", stdout).write(SummaryJson.of(Summaries.ofEveryOutcome()));
        assertThat(Files.isRegularFile(Path.of("/dev/null"))).isFalse();
    }

    @Test
    void refusesAFolderAndAMissingFolder() {
        for (Path file : List.of(folder, folder.resolve("missing").resolve("summary.json"), Path.of("/"))) {
            assertThatThrownBy(() -> open(file)).isInstanceOfSatisfying(PgconvoyException.class, refused -> {
                assertThat(refused.kind()).isEqualTo(ErrorKind.USAGE);
                assertThat(refused).hasMessageContaining("--summary-json");
            });
        }
    }

    @Test
    void refusesAnEmptyName() {
        assertThatThrownBy(() -> JsonOutput.open("", stdout))
                .isInstanceOfSatisfying(
                        PgconvoyException.class,
                        refused -> assertThat(refused.kind()).isEqualTo(ErrorKind.USAGE));
    }

    @Test
    void acceptsAFileInTheWorkingFolder() {
        JsonOutput.open("summary-of-this-test.json", stdout);
        assertThat(Path.of("summary-of-this-test.json")).doesNotExist();
    }

    private JsonOutput open(Path file) {
        return JsonOutput.open(file.toString(), stdout);
    }
}
