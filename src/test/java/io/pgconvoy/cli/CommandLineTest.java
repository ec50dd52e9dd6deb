package io.pgconvoy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Mistakes that are found before any server is asked. */
class CommandLineTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                                     | a subcommand is missing",
                "move                                   | there is no command 'move'",
                "migrate shop                           | an argument belongs to no option",
                "migrate --from-hots db1                | there is no option '--from-hots'",
                "migrate --from-host                    | '--from-host'",
                "migrate --from-port x                  | '--from-port'",
                "migrate --from-port 5432x              | '--from-port'",
                "migrate --from-port 0                  | --from-port: 0 is not a port",
                "migrate --to-port 65536                | --to-port: 65536 is not a port",
                "migrate --to-port 99999999999          | '--to-port'",
                "migrate --from-port 5432 --from-port 5 | '--from-port'",
                "migrate --from-host=                   | --from-host is empty",
                "migrate --from-user=                   | --from-user is empty",
                "migrate --from-db=                     | --from-db is empty",
                "migrate --dump-jobs many               | '--dump-jobs'",
                "migrate --dump-jobs 0                  | --dump-jobs: 0 is out of range",
                "migrate -p -1                          | --max-parallel: -1 is out of range",
                "migrate --max-parallel 1.5             | '--max-parallel'",
                "migrate --compress zip                 | --compress: 'zip' is not METHOD[:LEVEL]",
                "migrate --compress zstd:99             | --compress: zstd has no level 99",
                "migrate --order name                   | --order: 'name' is no order",
                "migrate --migrate-globals=perhaps      | '--migrate-globals'",
                "migrate --include-db=                  | --include-db: the pattern is empty",
                "migrate --exclude-db shop\\            | --exclude-db: the pattern 'shop\\' ends in a lone backslash",
                "migrate --delay-table-data=            | --delay-table-data: the pattern '' is empty",
                "migrate --delay-table-data orders      | --delay-table-data: the pattern 'orders' has 1 part",
                "migrate --delay-larger-than big        | --delay-larger-than: 'big' is no size",
                "migrate --part-size 1kB                | --part-size: 1.0 kB is less than 1.0 MB",
                "migrate --part-size 1.5GB              | --part-size: '1.5GB' is no size",
                "migrate --from db1                     | --from: the URI does not begin with postgresql://",
                "migrate --from postgresql://db1 --from-host db2 | --from is given together with --from-host",
                "migrate --to postgresql://db1 --to-db shop      | --to is given together with --to-host",
                "migrate --from-pass-file /nonexistent  | --from-pass-file: cannot read /nonexistent",
                "migrate --to-pass a --to-pass-file b   | --to-pass is given together with --to-pass-file",
                "migrate --config /nonexistent          | --config: cannot read /nonexistent",
                "migrate --verify all                   | --verify: 'all' is no level of verification",
                "migrate --fast-verify --verify count   | --fast-verify and --verify count contradict each other",
                "migrate --transport strem              | --transport: 'strem' is no transport",
                "migrate --transport dump --stream-larger-than 1GB | --stream-larger-than is of no use with --transport dump",
                "migrate --keep-dumps --stream-larger-than 1GB | --stream-larger-than is of no use with --keep-dumps",
                "migrate --transport stream --stream-larger-than x | --stream-larger-than: 'x' is no size",
                "migrate --transport stream --keep-dumps | --keep-dumps and --transport stream contradict each other",
                "verify --verify rows                   | --verify: 'rows' is no level of verification",
                "verify -p 0                            | --max-parallel: 0 is out of range",
                "verify --verify-concurrency 0          | --verify-concurrency: 0 is out of range",
                "verify --include-db=                   | --include-db: the pattern is empty",
                "verify --dump-root /tmp                | there is no option '--dump-root'",
                "revert-tuning --to-port x              | '--to-port'",
                "revert-tuning --from-host db1          | there is no option '--from-host'",
            })
    void sayInOneSentenceWhatIsWrong(String arguments, String named) {
        CommandLineRun run = arguments.isEmpty() ? CommandLineRun.of() : CommandLineRun.of(arguments.split(" ", -1));

        assertThat(run.code()).isEqualTo(ExitCode.USAGE);
        assertThat(run.stdout()).isEmpty();
        assertThat(run.stderr().lines()).hasSize(2);
        assertThat(run.stderr().lines().toList().get(0))
                .startsWith("pgconvoy: ")
                .contains(named);
        assertThat(run.stderr().lines().toList().get(1)).startsWith("hint: ").hasSizeGreaterThan(15);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "migrate --from-password=SESAME",
                "migrate --from-password SESAME",
                "migrate --from-pass-word=SESAME --to-host db1",
                "migrate --from-host db1 SESAME",
                "migrate postgresql://app:SESAME@db1/shop postgresql://app:SESAME@db2/shop",
                "migrate --from=app:SESAME@db1",
                "migrate --from postgresql://app:SESAME@db1:x",
                "migrate --from-port SESAME",
                "revert-tuning --from-pass SESAME",
                "SESAME",
            })
    void neverRepeatWhatMayBeAPassword(String arguments) {
        CommandLineRun run = CommandLineRun.of(arguments.split(" ", -1));

        assertThat(run.code()).isEqualTo(ExitCode.USAGE);
        if (!arguments.equals("SESAME") && !arguments.contains("--from-port")) {
            assertThat(run.stderr()).doesNotContain("SESAME");
        }
        assertThat(run.stderr().lines()).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource({
        "migrate, --from-port=x",
        "migrate, --no-such-option",
        "check,   --include-db=",
        "verify,  --verify=rows",
        "verify,  shop"
    })
    void leaveNoEarlierResultInTheFileOfTheSummary(String command, String mistake) throws IOException {
        Path file = Files.writeString(folder.resolve("summary.json"), "{\"exit_code\": 0}");
        Path config = Files.writeString(folder.resolve("c.properties"), "summary-json=" + file + "\n");

        List<Supplier<CommandLineRun>> runs = List.of(
                () -> CommandLineRun.of(command, mistake, "--summary-json", file.toString()),
                () -> CommandLineRun.of(Map.of("PGCONVOY_SUMMARY_JSON", file.toString()), command, mistake),
                () -> CommandLineRun.of(command, "--config=" + config, mistake));
        for (Supplier<CommandLineRun> one : runs) {
            Files.writeString(file, "{\"exit_code\": 0}");

            CommandLineRun run = one.get();

            assertThat(run.code()).isEqualTo(ExitCode.USAGE);
            JsonNode json = new ObjectMapper().readTree(file.toFile());
            assertThat(json.path("exit_code").intValue()).isEqualTo(2);
            assertThat(run.stderr())
                    .contains(json.path("error").textValue(), json.path("hint").textValue());
            assertThat(json.path("source").isNull()).isTrue();
        }
        CommandLineRun onStdout = CommandLineRun.of(command, mistake, "--summary-json=-");
        assertThat(new ObjectMapper()
                        .readTree(onStdout.stdout())
                        .path("exit_code")
                        .intValue())
                .isEqualTo(2);
    }

    @Test
    void leaveTheFileOfTheSummaryAloneWhereNothingIsRun() throws IOException {
        Path file = Files.writeString(folder.resolve("summary.json"), "kept");

        CommandLineRun.of("migrate", "--help", "--summary-json", file.toString());
        CommandLineRun.of(Map.of("PGCONVOY_SUMMARY_JSON", file.toString()), "revert-tuning", "--to-port", "x");

        assertThat(file).hasContent("kept");
    }

    @Test
    void suggestTheOptionThatWasMeant() {
        assertThat(CommandLineRun.of("migrate", "--from-hots", "db1").stderr())
                .containsPattern("did you mean .*--from-host");
        assertThat(CommandLineRun.of("migrate", "--form-port", "5432").stderr())
                .containsPattern("did you mean .*--from-port");
        assertThat(CommandLineRun.of("verify", "--dump-root=/tmp").stderr())
                .contains("that is an option of 'check' and 'migrate'");
    }

    @Test
    void refuseAPasswordFileWithoutAPassword() throws IOException {
        Path empty = Files.createFile(folder.resolve("empty"));
        Path blank = Files.writeString(folder.resolve("blank"), "\nsecret\n");
        for (Path file : new Path[] {empty, blank}) {
            CommandLineRun run = CommandLineRun.of("migrate", "--to-pass-file", file.toString());

            assertThat(run.code()).isEqualTo(ExitCode.USAGE);
            assertThat(run.stderr()).contains("--to-pass-file: the first line of " + file + " is empty");
        }
    }

    @Test
    void nameTheVariableOrFileThatAWrongValueCameFrom() throws IOException {
        Path config = Files.writeString(folder.resolve("c.properties"), "to-port=abc\n");

        assertThat(CommandLineRun.of(Map.of("PGCONVOY_FROM_PORT", "abc"), "migrate")
                        .stderr())
                .contains("--from-port");
        assertThat(CommandLineRun.of("migrate", "--config", config.toString()).stderr())
                .contains("--to-port");
        assertThat(CommandLineRun.of(Map.of("PGCONVOY_DRY_RUN", "perhaps"), "migrate")
                        .stderr())
                .contains("--dry-run");
    }

    @Test
    void countOptionsOfEverySourceAgainstEachOther() throws IOException {
        Path config = Files.writeString(folder.resolve("c.properties"), "from-host=db2\n");

        CommandLineRun run = CommandLineRun.of(
                Map.of("PGCONVOY_FROM", "postgresql://db1"), "migrate", "--config", config.toString());

        assertThat(run.code()).isEqualTo(ExitCode.USAGE);
        assertThat(run.stderr()).contains("--from is given together with --from-host");
    }

    @Test
    void readPatternsOfTablesLineByLineButForQuotedLineBreaks() throws IOException {
        String patterns = "app.\"new\nline\"\nshop.\"a.b\"\norders\n";
        Path config = Files.writeString(
                folder.resolve("c.properties"), "delay-table-data=app.\"new\\nline\"\\nshop.\"a.b\"\\n\\\n  orders");

        List<CommandLineRun> runs = List.of(
                CommandLineRun.of("migrate", "--delay-table-data", patterns),
                CommandLineRun.of("migrate", "--delay-table-data=app.\"new\nline\"", "--delay-table-data=orders"),
                CommandLineRun.of(Map.of("PGCONVOY_DELAY_TABLE_DATA", patterns), "migrate"),
                CommandLineRun.of("migrate", "--config", config.toString()));

        assertThat(runs).allSatisfy(run -> {
            assertThat(run.code()).isEqualTo(ExitCode.USAGE);
            assertThat(run.stderr()).startsWith("pgconvoy: --delay-table-data: the pattern 'orders' has 1 part");
        });
    }

    @Test
    void takeVariablesAndPropertiesAsTheyAre() throws IOException {
        Path config = Files.writeString(folder.resolve("c.properties"), "part-size=$${sys:user.home}\n");

        assertThat(CommandLineRun.of(Map.of("PGCONVOY_ORDER", "${user.home}$$"), "migrate")
                        .stderr())
                .contains("'${user.home}$$' is no order");
        assertThat(CommandLineRun.of("migrate", "--config", config.toString()).stderr())
                .contains("'$${sys:user.home}' is no size");
    }

    @Test
    void takeNothingButLineBreaksForNoSelection() {
        assertThat(CommandLineRun.of(Map.of("PGCONVOY_INCLUDE_DB", "\n\n"), "migrate")
                        .stderr())
                .contains("--include-db: the pattern is empty");
    }

    @Test
    void readPatternsOfDatabasesLineByLineWhateverTheyHold() {
        String patterns = "a\"b\nshop\\\n";

        assertThat(CommandLineRun.of("migrate", "--include-db", patterns).stderr())
                .contains("the pattern 'shop\\' ends in a lone backslash");
        assertThat(CommandLineRun.of(Map.of("PGCONVOY_EXCLUDE_DB", patterns), "migrate")
                        .stderr())
                .contains("the pattern 'shop\\' ends in a lone backslash");
    }
}
