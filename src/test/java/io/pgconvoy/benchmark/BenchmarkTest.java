package io.pgconvoy.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgconvoy.config.PgconvoyException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine.Option;

/** Mistakes in the arguments of {@code scripts/bench}, and its help. */
class BenchmarkTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--fleet gaint | --fleet: there is no fleet 'gaint' | Did you mean giant? There are mixed, giant,",
                "--fleet x | --fleet: there is no fleet 'x' | There are mixed,",
                "--contestant pgcopy | --contestant: there is no contestant 'pgcopy' | Did you mean pgcopydb?",
                "--contestant common.sh | --contestant: there is no contestant 'common.sh' | There are convoy,",
                "--rounds 0 | --rounds: 0 is not 1 or more | from 1",
                "--rounds many | Invalid value for option '--rounds': 'many' is not an int | --help",
                "--scale 0 | --scale: 0.0 is not above 0 | 1 is about",
                "--scale NaN | --scale: NaN is not above 0 | 1 is about",
                "--databases -1 | --databases: -1 is not 1 or more | from 1",
                "--jobs 0 | --jobs: 0 is not 1 or more | from 1",
                "--from-host localhost | only the source is named | Name both servers, or neither",
                "--to-port 5433 | only the target is named | Name both servers, or neither",
                "--from-port 0 --to-port 1 | --from-port: 0 is not a port | from 1 to 65535",
                "--from-port 5433 --to-port 5433 | source and target are the same server | throw-away",
                "--from-host a --to-host a | source and target are the same server | throw-away",
                "--from-host a --to-host a/b | --to-host: 'a/b' is not a host name | Give one name",
                "--program /nonexistent | --program: /nonexistent is no program | launcher",
                "--pg-migrate /nonexistent | --pg-migrate: /nonexistent is no program | binary",
                "--json /nonexistent/x.json | --json: there is no folder /nonexistent | another",
                "--flet giant | Unknown options: '--flet' | Did you mean --fleet?",
                "deferred | Unmatched argument at index 0: 'deferred' | --help"
            })
    void refusesWhatMakesNoSense(String arguments, String sentence, String hint) {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream err = new PrintStream(said, true, StandardCharsets.UTF_8);

        int status = Benchmark.run(err, err, arguments.split(" "));

        assertThat(status).isEqualTo(2);
        assertThat(said.toString(StandardCharsets.UTF_8).lines().toList())
                .hasSize(2)
                .satisfies(lines -> assertThat(lines.get(0)).startsWith("bench: " + sentence))
                .satisfies(
                        lines -> assertThat(lines.get(1)).startsWith("Hint: ").contains(hint));
    }

    @Test
    void namesTheProgramsThatAContestantLacks() {
        assertThatThrownBy(() -> Contestant.of("pgcopydb").check(Map.of("PATH", "/nonexistent")))
                .isInstanceOf(PgconvoyException.class)
                .hasMessage(
                        "--contestant pgcopydb needs what is not installed: pgcopydb, pg_dump, pg_restore, createdb, xargs");
        assertThat(Contestant.of("pg-migrate").missing(Map.of("PATH", "/nonexistent", "PG_MIGRATE", "/x/pg-migrate")))
                .containsExactly("pg_dump", "pg_restore");
    }

    /** The help is the comment at the top of the script, and so has to be kept complete by hand. */
    @Test
    void helpTellsOfEveryOptionFleetAndContestant() throws IOException, InterruptedException {
        Process help = new ProcessBuilder("bash", "scripts/bench", "--help").start();
        String text = new String(help.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(help.waitFor()).isZero();
        assertThat(Stream.of(Benchmark.class.getDeclaredFields())
                        .filter(field -> field.isAnnotationPresent(Option.class))
                        .map(field -> field.getAnnotation(Option.class).names()[0]))
                .isNotEmpty()
                .allSatisfy(option -> assertThat(text).contains(option + " "));
        assertThat(Fleet.labels()).allSatisfy(fleet -> assertThat(text).containsPattern("\\b" + fleet + "\\b"));
        assertThat(Contestant.names()).allSatisfy(name -> assertThat(text).containsPattern("\\b" + name + "\\b"));
    }

    @Test
    void everyContestantSaysWhatItNeeds() throws IOException {
        for (String name : Contestant.names()) {
            assertThat(Files.readAllLines(Path.of("scripts/contestants", name)))
                    .as(name)
                    .anyMatch(line -> line.startsWith("# needs: "));
        }
    }
}
