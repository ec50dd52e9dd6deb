package io.pgconvoy.migration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgconvoy.testing.DeferredFleet;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.PostgresTools;
import io.pgconvoy.testing.ServerOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Databases with deferred tables arrive as others do: with every object in the state it has on the source. */
class DeferredTablesIT {
    private static final String NEWEST = "18";

    @TempDir
    private Path folder;

    /** Tools older than the newest server can fill it, but not dump it: then one target is of a version they can. */
    static Stream<Arguments> pairs() {
        String comparable = PostgresTools.major() < 18 && EmbeddedServer.available("15") ? "15" : NEWEST;
        return Stream.of(Arguments.of("9.6", NEWEST), Arguments.of("14", comparable));
    }

    @ParameterizedTest(name = "{0} to {1}")
    @MethodSource("pairs")
    void everythingArrives(String from, String to) throws Exception {
        try (EmbeddedServer source = EmbeddedServer.start(ServerOptions.of(from).withoutSync());
                EmbeddedServer target = EmbeddedServer.start(to)) {
            DeferredFleet.load(source);
            List<String> settings = settings(target);
            Move move = new Move(source, target, folder);
            List<String> options = new ArrayList<>(DeferredFleet.options(from));
            options.add("--part-size=1MB");
            options.add("--verify=checksum");

            Move.Moved moved = move.run(options.toArray(String[]::new));

            assertThat(moved.exitCode()).as(moved.output()).isZero();
            assertThat(moved.texts("errors")).isEmpty();
            Map<String, String> complete = new TreeMap<>();
            DeferredFleet.databases().forEach(database -> complete.put(database, "complete"));
            assertThat(moved.outcomes()).as(moved.output()).containsExactlyEntriesOf(complete);
            SoftAssertions softly = new SoftAssertions();
            DeferredFleet.tables(from).forEach((database, tables) -> reported(softly, moved, database, tables));
            for (String database : DeferredFleet.databases()) {
                arrived(softly, source, target, database, to);
            }
            statistics(softly, target);
            softly.assertThat(settings(target)).isEqualTo(settings);
            softly.assertThat(left(move.dumpRoot()))
                    .as("left in the dump folder")
                    .isEmpty();
            softly.assertAll();
        }
    }

    private static void reported(SoftAssertions softly, Move.Moved moved, String database, int tables) {
        JsonNode deferred = moved.database(database).get("deferred");
        softly.assertThat(deferred.get("tables").asInt()).as(database).isEqualTo(tables);
        Instant opened = Instant.parse(deferred.get("opened_at").asText());
        softly.assertThat(opened)
                .as("%s is open before it is loaded", database)
                .isBeforeOrEqualTo(start(deferred, "load"));
        softly.assertThat(start(deferred, "indexes")).isAfterOrEqualTo(start(deferred, "load"));
        softly.assertThat(start(deferred, "verify")).isAfterOrEqualTo(start(deferred, "indexes"));
        softly.assertThat(moved.output())
                .contains("database \"" + database + "\" is open for clients; " + tables
                        + (tables == 1 ? " table follows" : " tables follow"));
    }

    private static Instant start(JsonNode deferred, String phase) {
        return Instant.parse(deferred.get(phase).get("started_at").asText());
    }

    private static void arrived(
            SoftAssertions softly, EmbeddedServer source, EmbeddedServer target, String database, String to)
            throws SQLException {
        softly.assertThat(Contents.of(target, database))
                .as("contents of %s", database)
                .containsExactlyEntriesOf(Contents.of(source, database));
        for (String query : Facts.QUERIES) {
            softly.assertThat(target.column(database, query))
                    .as("in %s: %s", database, query)
                    .containsExactlyElementsOf(source.column(database, query));
        }
        softly.assertThat(target.column(database, "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'pgconvoy%'"))
                .isEmpty();
        if (PostgresTools.major() >= Integer.parseInt(to)) {
            softly.assertThat(ScriptText.lines(PostgresTools.dump(target, database, "--schema-only")))
                    .as("schema of %s", database)
                    .containsExactlyElementsOf(ScriptText.lines(PostgresTools.dump(source, database, "--schema-only")));
        }
    }

    /** Those of the deferred tables are gathered after their load. */
    private static void statistics(SoftAssertions softly, EmbeddedServer target) throws SQLException {
        softly.assertThat(target.value("depot", "SELECT reltuples FROM pg_class WHERE relname = 'event'"))
                .isEqualTo("12000");
        softly.assertThat(
                        target.column("depot", "SELECT tablename FROM pg_stats WHERE tablename IN ('event', 'plain')"))
                .contains("event", "plain");
    }

    private static List<String> settings(EmbeddedServer server) throws SQLException {
        List<String> all = server.column(
                "postgres",
                "SELECT name || '=' || setting FROM pg_settings WHERE name NOT LIKE '%port%' ORDER BY name");
        all.addAll(server.column(
                "postgres", "SELECT name || '=' || setting FROM pg_file_settings WHERE sourcefile LIKE '%.auto.conf'"));
        return all;
    }

    private static List<Path> left(Path dumpRoot) throws IOException {
        try (Stream<Path> files = Files.walk(dumpRoot)) {
            return files.filter(file -> !file.equals(dumpRoot)).toList();
        }
    }

    /** What the schema's text does not tell, the same on any version of the server. */
    private static final class Facts {
        static final List<String> QUERIES = List.of("""
                SELECT concat_ws(' ', x.indexrelid::regclass, x.indisvalid, x.indisready, x.indisunique, x.indisclustered,
                                 x.indisreplident, c.reloptions,
                                 (SELECT string_agg(h.inhparent::regclass::text, ' ') FROM pg_inherits h
                                   WHERE h.inhrelid = x.indexrelid),
                                 obj_description(c.oid, 'pg_class'))
                  FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
                 ORDER BY (n.nspname || '.' || c.relname)::text COLLATE "C"
                """, """
                SELECT concat_ws(' ', k.conrelid::regclass, k.conname, k.contype, k.convalidated, k.condeferrable,
                                 k.condeferred, k.confrelid::regclass, obj_description(k.oid, 'pg_constraint'))
                  FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace
                 WHERE k.contype <> 'n'
                   AND NOT (k.contype = 'f' AND k.confrelid IN (SELECT inhrelid FROM pg_inherits)) AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
                 ORDER BY (n.nspname || '.' || k.conrelid::regclass || '.' || k.conname)::text COLLATE "C"
                """, """
                SELECT concat_ws(' ', tgrelid::regclass, tgname, tgenabled) FROM pg_trigger
                 WHERE NOT tgisinternal OR tgconstraint = 0
                 ORDER BY (tgrelid::regclass || '.' || tgname)::text COLLATE "C"
                """, """
                SELECT concat_ws(' ', tgrelid::regclass, tgfoid::regproc, tgenabled) FROM pg_trigger
                 WHERE tgisinternal AND tgfoid = 'unique_key_recheck'::regproc
                 ORDER BY (tgrelid::regclass)::text COLLATE "C"
                """, """
                SELECT concat_ws(' ', c.oid::regclass, c.relispopulated, c.relreplident, c.relpersistence,
                                 c.relrowsecurity)
                  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE c.relkind IN ('r', 'm', 'p') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
                 ORDER BY (n.nspname || '.' || c.relname)::text COLLATE "C"
                """, """
                SELECT concat_ws(' ', evtname, evtenabled) FROM pg_event_trigger ORDER BY evtname::text COLLATE "C"
                """);
    }
}
