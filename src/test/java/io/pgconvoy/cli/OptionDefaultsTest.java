package io.pgconvoy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgconvoy.config.PgconvoyException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

class OptionDefaultsTest {
    @TempDir
    Path folder;

    /** Options of each kind. */
    @Command(name = "sample")
    static final class Sample {
        @Option(names = "--from-host")
        String host;

        @Option(names = {"-p", "--max-parallel"})
        Integer parallel;

        @Option(names = "--dry-run")
        boolean dryRun;

        @Option(names = "--migrate-globals", arity = "0..1", fallbackValue = "true")
        Boolean globals;

        @Option(names = "--include-db", split = "\\n")
        List<String> include;

        @Option(names = "--config")
        Path config;
    }

    @ParameterizedTest
    @CsvSource({
        // command line, environment, file, what counts
        "cli, env, file, cli",
        "cli, '',  file, cli",
        "'',  env, file, env",
        "'',  '',  file, file",
        "'',  '',  '',   ",
    })
    void preferTheCommandLineToTheEnvironmentToTheFile(String cli, String env, String file, String expected)
            throws IOException {
        Path config = file(file.isEmpty() ? "" : "from-host=" + file);
        Map<String, String> environment = env.isEmpty() ? Map.of() : Map.of("PGCONVOY_FROM_HOST", env);
        String[] arguments = cli.isEmpty()
                ? new String[] {"--config", config.toString()}
                : new String[] {"--config=" + config, "--from-host", cli};

        assertThat(parse(environment, arguments).host).isEqualTo(expected);
    }

    @Test
    void takeAnEmptyVariableForNone() throws IOException {
        Path config = file("from-host=file");

        assertThat(parse(Map.of("PGCONVOY_FROM_HOST", "", "PGCONVOY_CONFIG", config.toString())).host)
                .isEqualTo("file");
    }

    @Test
    void goByTheLongNameOfAnOption() throws IOException {
        assertThat(parse(Map.of("PGCONVOY_MAX_PARALLEL", "3")).parallel).isEqualTo(3);
        assertThat(parse(Map.of("PGCONVOY_CONFIG", file("max-parallel = 4").toString())).parallel)
                .isEqualTo(4);
    }

    @ParameterizedTest
    @CsvSource({
        // environment, arguments, dry run
        "'',    '',              false",
        "true,  '',              true",
        "TRUE,  '',              true",
        "false, '',              false",
        "'',    --dry-run,       true",
        "true,  --dry-run,       true",
        "false, --dry-run,       true",
        "true,  --dry-run=false, false",
    })
    void readSwitches(String environment, String arguments, boolean expected) {
        assertThat(parse(Map.of("PGCONVOY_DRY_RUN", environment), words(arguments)).dryRun)
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "'',    '',                      ",
        "false, '',                      false",
        "'',    --migrate-globals,       true",
        "false, --migrate-globals,       true",
        "'',    --migrate-globals=false, false",
        "true,  --migrate-globals=false, false",
    })
    void readSwitchesWithAValue(String environment, String arguments, Boolean expected) {
        assertThat(parse(Map.of("PGCONVOY_MIGRATE_GLOBALS", environment), words(arguments)).globals)
                .isEqualTo(expected);
    }

    @Test
    void readRepeatedOptionsLineByLine() throws IOException {
        assertThat(parse(Map.of("PGCONVOY_INCLUDE_DB", "shop\na,b\n*")).include).containsExactly("shop", "a,b", "*");
        assertThat(parse(Map.of(
                                "PGCONVOY_CONFIG",
                                file("include-db=shop\\n\\\n  other").toString()))
                        .include)
                .containsExactly("shop", "other");
        assertThat(parse(Map.of("PGCONVOY_INCLUDE_DB", "shop"), "--include-db", "x", "--include-db", "y").include)
                .containsExactly("x", "y");
    }

    @Test
    void readTheFileAsUtf8() throws IOException {
        assertThat(parse(Map.of("PGCONVOY_CONFIG", file("from-host=büro").toString())).host)
                .isEqualTo("büro");
    }

    @Test
    void refuseANameThatTheFileHoldsTwice() throws IOException {
        Path config = file("include-db=crm\nfrom-host=a\ninclude-db=shop\n");

        assertThatThrownBy(() -> parse(Map.of(), "--config", config.toString()))
                .isInstanceOfSatisfying(PgconvoyException.class, failure -> {
                    assertThat(failure).hasMessage("--config: " + config + " holds 'include-db' more than once");
                    assertThat(failure.hint()).contains("separated by \\n");
                });
    }

    @Test
    void suggestTheNameThatTheFileMayMean() throws IOException {
        Path config = file("from-hots=a\n");

        assertThatThrownBy(() -> parse(Map.of(), "--config", config.toString()))
                .isInstanceOfSatisfying(
                        PgconvoyException.class,
                        failure -> assertThat(failure.hint()).startsWith("Did you mean from-host"));
    }

    @Test
    void refuseANameInTheFileThatIsNoOption() throws IOException {
        Path config = file("from-host=a\nfrom-password=SESAME\n");

        assertThatThrownBy(() -> parse(Map.of(), "--config", config.toString()))
                .isInstanceOfSatisfying(
                        PgconvoyException.class,
                        failure -> assertThat(failure)
                                .hasMessage("--config: " + config + " holds 'from-password', which is no option"));
    }

    @Test
    void refuseAFileThatCannotBeRead() throws IOException {
        Path latin1 = Files.write(folder.resolve("latin1"), new byte[] {'a', '=', (byte) 0xfc});
        Path malformed = file("from-host=\\uzzzz");
        for (Path config : List.of(folder, folder.resolve("missing"), latin1, malformed)) {
            assertThatThrownBy(() -> parse(Map.of(), "--config", config.toString()))
                    .isInstanceOf(PgconvoyException.class)
                    .hasMessageStartingWith("--config: cannot read " + config);
        }
    }

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("pgconvoy.properties"), text);
    }

    private static String[] words(String arguments) {
        return Stream.of(arguments.split(" ", -1))
                .filter(word -> !word.isEmpty())
                .toArray(String[]::new);
    }

    private static Sample parse(Map<String, String> environment, String... arguments) {
        Sample sample = new Sample();
        CommandLine commandLine = new CommandLine(sample);
        commandLine.setDefaultValueProvider(
                OptionDefaults.of(Arrays.asList(arguments), environment, commandLine.getCommandSpec()));
        commandLine.parseArgs(arguments);
        return sample;
    }
}
