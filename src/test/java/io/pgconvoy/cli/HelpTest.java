package io.pgconvoy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HelpTest {
    private static final List<String> SERVER = List.of("", "-host", "-port", "-user", "-pass", "-pass-file", "-db");

    @Test
    void listsTheSubcommandsAndTheExitCodes() {
        CommandLineRun run = CommandLineRun.of("--help");

        assertThat(run.code()).isEqualTo(ExitCode.DONE);
        assertThat(run.stderr()).isEmpty();
        assertThat(run.stdout()).contains("migrate", "check", "verify", "revert-tuning", "close-databases");
        for (ExitCode code : ExitCode.values()) {
            assertThat(run.stdout()).containsPattern("\\b" + code.status() + " [a-z]");
        }
    }

    @Test
    void listsEveryOptionOfMigrate() {
        String help = CommandLineRun.of("migrate", "--help").stdout();

        for (String name : SERVER) {
            assertThat(help).containsPattern("--from" + name + "[ =]").containsPattern("--to" + name + "[ =]");
        }
        for (String option : List.of(
                "--dump-jobs",
                "--restore-jobs",
                "-p, --max-parallel",
                "--dump-parallel",
                "--restore-parallel",
                "--verify-concurrency",
                "--dump-root",
                "--compress",
                "--migrate-globals",
                "--disable-dst-optimizations",
                "--fast-verify",
                "--verify",
                "--ignore-check",
                "--map-tablespace",
                "--no-tablespaces",
                "--open-closed-databases",
                "--include-db",
                "--exclude-db",
                "--order",
                "--state-dir",
                "--pg-bin",
                "--dry-run",
                "--allow-restore-errors",
                "--no-analyze",
                "--summary-json",
                "--drop-existing",
                "--keep-dumps",
                "--delay-table-data",
                "--delay-larger-than",
                "--part-size",
                "--concurrent-index-builds",
                "--config",
                "--verbose",
                "--help",
                "--version")) {
            assertThat(help).containsPattern("(?m)^ .*" + option + "\\b");
        }
        assertThat(help).contains("PGCONVOY_FROM_PASS").contains("process list");
    }

    @Test
    void listsEveryOptionOfRevertTuning() {
        String help = CommandLineRun.of("revert-tuning", "--help").stdout();

        for (String name : SERVER) {
            assertThat(help).containsPattern("--to" + name + "[ =]");
        }
        assertThat(help).contains("--state-dir").contains("--config").doesNotContain("--from");
    }

    @Test
    void listsEveryOptionOfCloseDatabases() {
        String help = CommandLineRun.of("close-databases", "--help").stdout();

        for (String name : SERVER) {
            assertThat(help).containsPattern("--from" + name + "[ =]");
        }
        assertThat(help).contains("--state-dir").contains("--config").doesNotContain("--to");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--help",
                "migrate --help",
                "check --help",
                "verify --help",
                "revert-tuning --help",
                "close-databases --help"
            })
    void fitsIntoATerminal(String arguments) {
        String help = CommandLineRun.of(arguments.split(" ", -1)).stdout();

        assertThat(help).doesNotContain("${").containsPattern("-h, --help").containsPattern("-V, --version");
        assertThat(help.lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(120));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--version", "-V", "migrate --version", "revert-tuning -V"})
    void tellsItsVersion(String arguments) {
        CommandLineRun run = CommandLineRun.of(arguments.split(" ", -1));

        assertThat(run.code()).isEqualTo(ExitCode.DONE);
        assertThat(run.stdout()).matches("pgconvoy [0-9]+\\.[0-9]+\\.[0-9]+\\S*\\R");
        assertThat(run.stderr()).isEmpty();
    }

    @Test
    void givesEveryKindOfFailureItsOwnDocumentedStatus() {
        assertThat(Arrays.stream(ExitCode.values()).map(ExitCode::status))
                .containsExactlyInAnyOrder(0, 1, 2, 3, 10, 11, 12, 13, 130);
        assertThat(Arrays.stream(io.pgconvoy.config.ErrorKind.values()).map(ExitCode::of))
                .doesNotHaveDuplicates();
    }
}
