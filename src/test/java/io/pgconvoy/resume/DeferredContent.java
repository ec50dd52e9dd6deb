package io.pgconvoy.resume;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.testing.EmbeddedServer;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A small database of whose tables {@code big} (several parts, a key) and {@code log} (no key) are deferred, with gates
 * in most steps of their way: a step waits while a file of the gate's name is in the server's data folder.
 */
final class DeferredContent {
    /** What a client's rows begin with. */
    static final String CLIENT = "client";

    private DeferredContent() {}

    static void create(EmbeddedServer server, String database) throws SQLException {
        server.sql("postgres", "CREATE DATABASE " + database + " TEMPLATE template0");
        server.sql(
                database,
                """
                CREATE FUNCTION gate(name text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
                BEGIN
                    WHILE (pg_catalog.pg_stat_file(
                            'gate-' || name || '-' || pg_catalog.current_database(), true)).size IS NOT NULL LOOP
                        PERFORM pg_catalog.pg_sleep(0.02);
                    END LOOP;
                    RETURN true;
                END $$
                """,
                """
                CREATE FUNCTION indexed(id bigint) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
                BEGIN
                    IF pg_catalog.current_query() LIKE '%CREATE%INDEX%' THEN
                        PERFORM public.gate('index');
                    ELSIF pg_catalog.current_query() LIKE 'ANALYZE%' THEN
                        PERFORM public.gate('analyze');
                    END IF;
                    RETURN id % 7;
                END $$
                """,
                "CREATE TABLE parent (id int PRIMARY KEY, name text)",
                "CREATE TABLE big (id bigserial PRIMARY KEY, parent int NOT NULL REFERENCES parent, text text)",
                "CREATE TABLE log (at int, text text)",
                "CREATE TABLE plain (id int, text text)",
                "CREATE TABLE note (id int PRIMARY KEY, big bigint REFERENCES big)",
                "CREATE TABLE gated (id int CHECK (gate('restore')))",
                "INSERT INTO parent SELECT i, 'p' || i FROM generate_series(1, 50) i",
                "INSERT INTO big (parent, text)"
                        + " SELECT 1 + i % 50, repeat(md5(i::text), 7) FROM generate_series(1, 16000) i",
                "INSERT INTO log SELECT i, 'line ' || i % 10 FROM generate_series(1, 3000) i",
                "INSERT INTO plain SELECT i, md5(i::text) FROM generate_series(1, 300) i",
                "INSERT INTO note SELECT i, i * 3 FROM generate_series(1, 300) i",
                "INSERT INTO gated SELECT i FROM generate_series(1, 10) i",
                "CREATE INDEX big_text ON big (text)",
                "CREATE INDEX big_indexed ON big (indexed(id))",
                "CREATE INDEX log_at ON log (at)",
                "CREATE MATERIALIZED VIEW totals AS SELECT count(*) AS n FROM big WHERE gate('refresh')",
                "CREATE TABLE seen (id bigint)",
                """
                CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    INSERT INTO public.seen VALUES (NEW.id);
                    RETURN NULL;
                END $$
                """,
                "CREATE TRIGGER see AFTER INSERT ON big FOR EACH ROW EXECUTE PROCEDURE see()",
                "ALTER TABLE big ENABLE ALWAYS TRIGGER see",
                "ANALYZE");
        if (!server.version().startsWith("9.")) {
            // pg_dump locks tables in the order of their OIDs. This one has neither rows to count nor a size to ask
            // for.
            server.sql(database, "CREATE TABLE locked_last (id int) PARTITION BY RANGE (id)");
        }
    }

    /**
     * The source's rows are there once each, so are the clients', and all that belongs to the tables is as it was.
     *
     * @param committed the ids of rows of big that clients have written for certain
     */
    static void assertMoved(EmbeddedServer source, EmbeddedServer target, String database, Set<Long> committed)
            throws SQLException {
        assertThat(of(target, database)).isEqualTo(of(source, database));
        List<Long> clients =
                target.column(database, "SELECT id::text FROM big WHERE text LIKE 'client%' ORDER BY id").stream()
                        .map(Long::valueOf)
                        .toList();
        assertThat(clients).containsAll(committed);
        // The trigger fires for a client's row, once, and for no other.
        assertThat(target.column(
                        database, "SELECT id::text FROM seen WHERE id IN (SELECT id FROM big)" + " ORDER BY id"))
                .isEqualTo(clients.stream().map(String::valueOf).toList());
        assertThat(target.value(database, "SELECT count(*) FROM log WHERE text LIKE 'client%'"))
                .isEqualTo(String.valueOf(clients.size()));
        assertThat(target.value(database, "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'pgconvoy%'"))
                .isEqualTo("0");
        assertThat(Long.valueOf(target.value(database, "SELECT n FROM totals")))
                .isBetween(
                        Long.valueOf(source.value(database, "SELECT count(*) FROM big")),
                        Long.valueOf(target.value(database, "SELECT count(*) FROM big")));
        assertThat(Long.valueOf(target.value(database, "SELECT last_value FROM big_id_seq")))
                .isGreaterThanOrEqualTo(Long.valueOf(source.value(database, "SELECT last_value FROM big_id_seq")));
    }

    /** Rows that are not clients', and definitions, each as a line of text. */
    private static List<String> of(EmbeddedServer server, String database) throws SQLException {
        List<String> lines = new ArrayList<>();
        for (String table : List.of("big", "log", "parent", "plain", "note", "gated")) {
            lines.add(table + " "
                    + server.value(
                            database,
                            "SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, ',' ORDER BY t::text)), '')"
                                    + " FROM " + table + " t WHERE t::text NOT LIKE '%client%'"));
        }
        lines.addAll(server.column(database, """
                SELECT conrelid::regclass || ' ' || conname || ' ' || convalidated FROM pg_constraint
                 WHERE connamespace = 'public'::regnamespace AND contype IN ('p', 'u', 'c', 'f') ORDER BY 1
                """));
        lines.addAll(server.column(database, """
                SELECT pg_get_indexdef(indexrelid) || ' ' || indisvalid FROM pg_index
                 WHERE indrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace) ORDER BY 1
                """));
        lines.addAll(server.column(database, """
                SELECT tgrelid::regclass || ' ' || CASE WHEN tgisinternal THEN tgfoid::regproc::text ELSE tgname END
                       || ' ' || tgenabled::text
                  FROM pg_trigger ORDER BY 1
                """));
        return lines;
    }
}
