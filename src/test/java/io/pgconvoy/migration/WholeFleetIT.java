package io.pgconvoy.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.FleetServers;
import io.pgconvoy.testing.PostgresTools;
import io.pgconvoy.testing.Quote;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
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
    private static final List<String> UNKNOWN_SETTINGS = List.of("sql_inheritance", "operator_precedence_warning");

    /** Of ANALYZE on a table with a foreign child. */
    private static final String NO_HANDLER = "failed: ERROR: foreign-data wrapper \"data wrapper\" has no handler";

    @TempDir
    private Path folder;

    /** Tools older than the newest server can fill it, but not dump it: then one target is of a version they can. */
    static Stream<Arguments> pairs() {
        String comparable = PostgresTools.major() < 18 && EmbeddedServer.available("15") ? "15" : NEWEST;
        Stream<Arguments> always =
                Stream.of(Arguments.of("9.5", NEWEST), Arguments.of("9.6", comparable), Arguments.of("14", comparable));
        return EmbeddedServer.available("15") ? Stream.concat(always, Stream.of(Arguments.of("15", NEWEST))) : always;
    }

    @ParameterizedTest(name = "{0} to {1}")
    @MethodSource("pairs")
    void everythingArrives(String from, String to) throws SQLException {
        try (EmbeddedServer source = FleetServers.start(from);
                EmbeddedServer target = EmbeddedServer.start(to)) {
            // Small databases have one worker each, unless somebody wants more.
            Move move = new Move(source, target, folder);
            Move.Moved moved = from.startsWith("9") ? move.run() : move.run("--dump-jobs=2", "--restore-jobs=2");

            assertThat(moved.exitCode()).as(moved.output()).isZero();
            List<String> facts = DatabaseFacts.of(source, FleetServers.databases());
            List<String> known = facts.stream()
                    .filter(isKnownTo(target))
                    .map(fact -> renamed(fact, to))
                    .toList();
            Map<String, String> outcomes = outcomes(known.size() < facts.size());
            // The locks of pg_restore's own workers may cross each other: that is tried again, and told.
            moved.texts("warnings").stream()
                    .filter(WholeFleetIT::isDeadlock)
                    .forEach(warning -> outcomes.put(warning.split("\"", -1)[1], "warnings"));
            assertThat(moved.outcomes()).as(moved.output()).containsExactlyEntriesOf(outcomes);
            assertThat(moved.texts("errors")).isEmpty();
            assertThat(moved.texts("warnings"))
                    .as("only what the target's version and other servers bring with them")
                    .allMatch(warning -> warning.contains("Those of PostgreSQL 18 know best")
                            || warning.startsWith("subscriptions arrive disabled, and without what the source receives"
                                    + " after its snapshot: ")
                            || warning.startsWith("ICU may sort texts differently on the target (version ")
                            || warning.startsWith("settings of roles and databases are unknown to the target, or have"
                                    + " values that it refuses, and are left out: database \"touchy\": ")
                            || (from.equals("9.5")
                                    && warning.contains("USAGE on language plpgsql to team_b. GRANT and REVOKE them"))
                            || isDeadlock(warning)
                            || warning.contains(NO_HANDLER)
                            || warning.contains(" arrived disabled and without its replication slot ")
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
                    .containsExactlyInAnyOrderElementsOf(known);
            checkSubscriptions(softly, source, target, moved.texts("warnings"));
            if (PostgresTools.major() >= Integer.parseInt(to)) {
                compareScripts(softly, source, target);
            }
            softly.assertAll();
        }
    }

    /** They have neither the source's slots nor any wish to connect; who had one is named. */
    private static void checkSubscriptions(
            SoftAssertions softly, EmbeddedServer source, EmbeddedServer target, List<String> warnings)
            throws SQLException {
        if (source.version().startsWith("9.")) {
            return;
        }
        String names = "SELECT subname FROM pg_subscription %s ORDER BY subname";
        softly.assertThat(target.column("postgres", names.formatted("WHERE NOT subenabled AND subslotname IS NULL")))
                .hasSizeGreaterThan(2)
                .isEqualTo(source.column("postgres", names.formatted("")));
        for (String subscription : source.column("postgres", names.formatted("WHERE subslotname IS NOT NULL"))) {
            softly.assertThat(warnings)
                    .anyMatch(warning -> warning.startsWith("database \"kinds\": subscription "
                            + Quote.identifier(subscription) + " arrived disabled and without its replication slot "));
        }
    }

    private static void compareScripts(SoftAssertions softly, EmbeddedServer source, EmbeddedServer target) {
        // Of dozens of small dumps each waits more than it works.
        Map<String, List<String>> differences = FleetServers.databases().parallelStream()
                .collect(Collectors.toConcurrentMap(
                        database -> database,
                        database -> LineDifferences.between(
                                ScriptText.lines(PostgresTools.dump(source, database, "--schema-only")),
                                ScriptText.lines(PostgresTools.dump(target, database, "--schema-only")))));
        differences.forEach((database, lines) ->
                softly.assertThat(lines).as("schema of %s", database).isEmpty());
        softly.assertThat(LineDifferences.between(
                        ScriptText.lines(PostgresTools.dumpAll(source, "--globals-only")),
                        ScriptText.lines(PostgresTools.dumpAll(target, "--globals-only"))))
                .as("globals")
                .isEmpty();
    }

    private static Predicate<String> isKnownTo(EmbeddedServer server) throws SQLException {
        List<String> unknown = new ArrayList<>(UNKNOWN_SETTINGS);
        unknown.removeAll(server.column("postgres", "SELECT name FROM pg_settings"));
        return fact -> unknown.stream().noneMatch(setting -> fact.contains("| " + setting + "="));
    }

    /** From 16 on, this setting goes by another name. */
    private static String renamed(String fact, String version) {
        return Integer.parseInt(version) < 16
                ? fact
                : fact.replace("| force_parallel_mode=", "| debug_parallel_query=");
    }

    private static boolean isDeadlock(String warning) {
        return warning.contains("restore: tried again once, after a deadlock (40P01)");
    }

    private static Map<String, String> outcomes(boolean unknownSettings) {
        Map<String, String> outcomes = new TreeMap<>();
        FleetServers.databases().forEach(database -> outcomes.put(database, "complete"));
        // It has foreign tables nobody can read, and from 10 on subscriptions.
        outcomes.put("kinds", "warnings");
        if (unknownSettings) {
            outcomes.put("touchy", "warnings");
        }
        return outcomes;
    }
}
