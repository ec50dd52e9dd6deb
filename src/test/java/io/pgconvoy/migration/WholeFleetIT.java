package io.pgconvoy.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.FleetServers;
import io.pgconvoy.testing.PostgresTools;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The main job: everything there is on one server arrives on another one. */
class WholeFleetIT {
    private static final String NEWEST = "18";

    /** Settings of older servers, which the fleet's database {@code touchy} has where its server knows them. */
    private static final List<String> UNKNOWN_SETTINGS =
            List.of("sql_inheritance", "operator_precedence_warning", "force_parallel_mode");

    @TempDir
    private Path folder;

    /** Tools older than the newest server can fill it, but not dump it: then one target is of a version they can. */
    static Stream<Arguments> pairs() {
        String comparable = PostgresTools.major() < 18 && EmbeddedServer.available("15") ? "15" : NEWEST;
        return Stream.of(Arguments.of("9.5", NEWEST), Arguments.of("9.6", comparable), Arguments.of("14", comparable));
    }

    @ParameterizedTest(name = "{0} to {1}")
    @MethodSource("pairs")
    void everythingArrives(String from, String to) throws SQLException {
        try (EmbeddedServer source = FleetServers.start(from);
                EmbeddedServer target = EmbeddedServer.start(to)) {
            Move.Moved moved = new Move(source, target, folder).run();

            assertThat(moved.exitCode()).as(moved.output()).isZero();
            List<String> facts = DatabaseFacts.of(source, FleetServers.databases());
            List<String> known = facts.stream().filter(isKnownTo(target)).toList();
            assertThat(moved.outcomes()).containsExactlyEntriesOf(outcomes(known.size() < facts.size()));
            assertThat(moved.texts("errors")).isEmpty();
            assertThat(moved.texts("warnings"))
                    .as("only what the target's version and other servers bring with them")
                    .allMatch(warning -> warning.contains("Those of PostgreSQL 18 know best")
                            || warning.startsWith("subscriptions arrive disabled, and without what the source receives"
                                    + " after its snapshot: database \"logic\": subscription incoming. ")
                            || warning.startsWith("settings of roles and databases are unknown to the target, and left"
                                    + " out: database \"touchy\": ")
                            || UNKNOWN_SETTINGS.stream()
                                    .anyMatch(
                                            setting -> warning.startsWith("database \"touchy\": could not set setting "
                                                    + setting + " of database \"touchy\"")));
            SoftAssertions softly = new SoftAssertions();
            for (String database : FleetServers.databases()) {
                softly.assertThat(Contents.of(target, database))
                        .as("contents of %s", database)
                        .containsExactlyEntriesOf(Contents.of(source, database));
            }
            softly.assertThat(DatabaseFacts.of(target, FleetServers.databases()))
                    .containsExactlyElementsOf(known);
            if (PostgresTools.major() >= Integer.parseInt(to)) {
                compareScripts(softly, source, target);
            }
            softly.assertAll();
        }
    }

    private static void compareScripts(SoftAssertions softly, EmbeddedServer source, EmbeddedServer target) {
        for (String database : FleetServers.databases()) {
            softly.assertThat(ScriptText.schema(PostgresTools.dump(target, database, "--schema-only")))
                    .as("schema of %s", database)
                    .containsExactlyElementsOf(
                            ScriptText.schema(PostgresTools.dump(source, database, "--schema-only")));
        }
        softly.assertThat(ScriptText.globals(PostgresTools.dumpAll(target, "--globals-only")))
                .containsExactlyElementsOf(ScriptText.globals(PostgresTools.dumpAll(source, "--globals-only")));
    }

    private static Predicate<String> isKnownTo(EmbeddedServer server) throws SQLException {
        List<String> unknown = new ArrayList<>(UNKNOWN_SETTINGS);
        unknown.removeAll(server.column("postgres", "SELECT name FROM pg_settings"));
        return fact -> unknown.stream().noneMatch(setting -> fact.contains("| " + setting + "="));
    }

    private static Map<String, String> outcomes(boolean unknownSettings) {
        Map<String, String> outcomes = new TreeMap<>();
        FleetServers.databases().forEach(database -> outcomes.put(database, "complete"));
        if (unknownSettings) {
            outcomes.put("touchy", "warnings");
        }
        return outcomes;
    }
}
