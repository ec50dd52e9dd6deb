package io.pgconvoy.migration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgconvoy.config.Transport;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.SampleExtension;
import io.pgconvoy.testing.ServerOptions;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the sample fleet cannot have: it does not arrive as it is, or needs something special on the server. */
class FidelityIT {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"9.6, DUMP", "14, DUMP", "14, STREAM"})
    void whatCannotArriveIsNamedAndEverythingElseArrives(String version, Transport transport) throws SQLException {
        SampleExtension.install(version);
        SampleExtension.install("18");
        try (EmbeddedServer source =
                        EmbeddedServer.start(ServerOptions.of(version).withoutSync());
                EmbeddedServer target = EmbeddedServer.start("18")) {
            extended(source);
            unrefreshable(source);
            doubled(source);
            watched(source);

            // Small databases have one worker each, unless somebody wants more.
            String jobs = version.equals("14") ? "2" : "1";
            Move.Moved moved = new Move(source, target, folder)
                    .by(transport)
                    .run("--ignore-check=extension-rows", "--dump-jobs=" + jobs, "--restore-jobs=" + jobs);

            assertThat(moved.exitCode()).as(moved.output()).isEqualTo(3);
            SoftAssertions softly = new SoftAssertions();
            softly.assertThat(moved.texts("warnings"))
                    .as("what was let pass is told, and no failure")
                    .anyMatch(warning -> warning.contains("table sample.not_dumped (rows: 2, of a new extension 1)"))
                    .anyMatch(warning ->
                            warning.contains("table sample.not_dumped of extension pgconvoy_sample has 2 rows"));
            checkExtended(softly, source, target);
            checkUnrefreshable(softly, moved, target);
            checkDoubled(softly, moved, target);
            checkWatched(softly, target);
            softly.assertAll();
        }
    }

    /** An extension whose tables hold rows of its own and of the user's, and with privileges that the user changed. */
    private static void extended(EmbeddedServer source) throws SQLException {
        source.sql(
                "postgres",
                "CREATE ROLE app",
                "CREATE DATABASE extended",
                "ALTER DATABASE extended SET default_transaction_read_only = on");
        source.sql(
                "extended",
                "SET default_transaction_read_only = off",
                "CREATE EXTENSION pgconvoy_sample",
                "COMMENT ON EXTENSION pgconvoy_sample IS 'it''s ours'",
                "INSERT INTO sample.setting (name, value) SELECT 'n' || i, 'v' FROM generate_series(1, 10) i",
                "INSERT INTO sample.whole (v) SELECT 'w' || i FROM generate_series(1, 20) i",
                "INSERT INTO sample.not_dumped VALUES (2)",
                "GRANT SELECT ON sample.setting TO app");
    }

    private static void checkExtended(SoftAssertions softly, EmbeddedServer source, EmbeddedServer target)
            throws SQLException {
        for (String query : List.of(
                "SELECT string_agg(s::text, ' ' ORDER BY s::text) FROM sample.setting s",
                "SELECT string_agg(w::text, ' ' ORDER BY w::text) FROM sample.whole w",
                "SELECT last_value || ' ' || is_called FROM sample.whole_id_seq",
                "SELECT has_table_privilege('app', 'sample.setting', 'SELECT')",
                "SELECT obj_description(oid, 'pg_extension') FROM pg_extension WHERE extname = 'pgconvoy_sample'")) {
            softly.assertThat(target.value("extended", query)).isEqualTo(source.value("extended", query));
        }
        softly.assertThat(target.column("extended", "SELECT a FROM sample.not_dumped"))
                .as("rows that the extension does not ask for")
                .containsExactly("1");
    }

    /** A materialized view that only a search_path can fill, on which no newer server relies. */
    private static void unrefreshable(EmbeddedServer source) throws SQLException {
        source.sql("postgres", "CREATE DATABASE unrefreshable");
        source.sql(
                "unrefreshable",
                "CREATE TABLE rate (v integer)",
                "INSERT INTO rate VALUES (7)",
                "CREATE FUNCTION rate() RETURNS integer LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT v FROM rate); END'",
                "CREATE MATERIALIZED VIEW \"by rate\" AS SELECT rate() AS r",
                "CREATE MATERIALIZED VIEW plain AS SELECT v FROM public.rate");
    }

    private static void checkUnrefreshable(SoftAssertions softly, Move.Moved moved, EmbeddedServer target)
            throws SQLException {
        softly.assertThat(moved.database("unrefreshable").get("outcome").asText())
                .isEqualTo("failed");
        softly.assertThat(moved.database("unrefreshable").get("detail").asText())
                .contains("pg_restore reported 1 error: MATERIALIZED VIEW DATA public by rate")
                .contains("relation \"rate\" does not exist");
        softly.assertThat(target.column("unrefreshable", "SELECT v FROM plain")).containsExactly("7");
    }

    /** A unique index over equal values, as a changed collation makes of different ones, and an invalid index. */
    private static void doubled(EmbeddedServer source) throws SQLException {
        source.sql("postgres", "CREATE DATABASE doubled");
        source.sql(
                "doubled",
                "CREATE TABLE name (n text)",
                "INSERT INTO name VALUES ('a'), ('b')",
                "CREATE UNIQUE INDEX \"one; each\" ON name (n)",
                "CREATE INDEX broken ON name (n)",
                "CREATE INDEX good ON name (n)",
                "UPDATE pg_index SET indisready = false, indislive = true WHERE indexrelid = '\"one; each\"'::regclass",
                "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'broken'::regclass",
                "INSERT INTO name VALUES ('a')",
                "UPDATE pg_index SET indisready = true WHERE indexrelid = '\"one; each\"'::regclass");
    }

    private static void checkDoubled(SoftAssertions softly, Move.Moved moved, EmbeddedServer target)
            throws SQLException {
        softly.assertThat(moved.database("doubled").get("outcome").asText()).isEqualTo("failed");
        softly.assertThat(moved.database("doubled").get("detail").asText())
                .contains("pg_restore reported 1 error: INDEX public one; each")
                .contains("could not create unique index \"one; each\"");
        JsonNode failure = moved.database("doubled").get("failures").get(0);
        softly.assertThat(failure.get("kind").asText()).isEqualTo("target");
        softly.assertThat(failure.get("message").asText())
                .contains("could not create unique index \"one; each\"")
                .doesNotContain(" -- ");
        softly.assertThat(failure.get("hint").asText()).contains("--allow-restore-errors");
        softly.assertThat(failure.get("object").asText()).startsWith("INDEX public one; each");
        softly.assertThat(moved.result().stdout()).contains("\n      hint: Repair ");
        softly.assertThat(target.column(
                        "doubled", "SELECT indexrelid::regclass FROM pg_index WHERE indrelid = 'name'::regclass"))
                .containsExactly("good");
        softly.assertThat(target.value("doubled", "SELECT count(*) FROM name")).isEqualTo("3");
    }

    /** An event trigger that would note each step of its own restore. */
    private static void watched(EmbeddedServer source) throws SQLException {
        source.sql("postgres", "CREATE DATABASE watched");
        source.sql(
                "watched",
                "CREATE TABLE noted (tag text)",
                "CREATE FUNCTION note() RETURNS event_trigger LANGUAGE plpgsql"
                        + " AS 'BEGIN INSERT INTO public.noted VALUES (tg_tag); END'",
                "CREATE TABLE t AS SELECT i, i % 7 AS m FROM generate_series(1, 1000) i",
                "CREATE INDEX ON t (m)",
                "CREATE MATERIALIZED VIEW seen AS SELECT count(*) FROM t",
                "GRANT SELECT ON t TO app",
                "CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE PROCEDURE note()",
                "ALTER EVENT TRIGGER watch ENABLE ALWAYS");
    }

    private static void checkWatched(SoftAssertions softly, EmbeddedServer target) throws SQLException {
        softly.assertThat(target.column("watched", "SELECT tag FROM noted")).isEmpty();
        softly.assertThat(target.value(
                        "watched", "SELECT evtname::text || ' ' || evtenabled::text FROM pg_event_trigger"))
                .isEqualTo("watch A");
    }
}
