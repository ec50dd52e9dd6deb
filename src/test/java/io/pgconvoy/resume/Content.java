package io.pgconvoy.resume;

import io.pgconvoy.testing.EmbeddedServer;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** A small database in which a restore and an ANALYZE can be held up, and a digest of what is in it. */
final class Content {
    /** While this file is in the server's data folder, rows of the table {@code gated} cannot be inserted. */
    static final String RESTORE_GATE = "gate-restore";

    /** While this file is in the server's data folder, the table {@code gated} cannot be analyzed. */
    static final String ANALYZE_GATE = "gate-analyze";

    private Content() {}

    static void create(EmbeddedServer server, String database) throws SQLException {
        create(server, database, 3000);
    }

    /**
     * @param rows how many the table without a primary key has
     */
    static void create(EmbeddedServer server, String database, int rows) throws SQLException {
        server.sql("postgres", "CREATE DATABASE " + database + " TEMPLATE template0");
        server.sql(
                database,
                """
                CREATE FUNCTION gate(file text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
                BEGIN
                    -- The source never has the file.
                    WHILE (pg_catalog.pg_stat_file(file, true)).size IS NOT NULL LOOP
                        PERFORM pg_catalog.pg_sleep(0.02);
                    END LOOP;
                    RETURN true;
                END $$
                """,
                """
                CREATE FUNCTION indexed(id int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
                BEGIN
                    IF pg_catalog.current_query() LIKE 'ANALYZE%' THEN
                        PERFORM public.gate('gate-analyze');
                    END IF;
                    RETURN id % 7;
                END $$
                """,
                "CREATE TABLE plain (id int, text text)",
                "CREATE TABLE parent (id serial PRIMARY KEY, name text UNIQUE)",
                "CREATE TABLE child (id int PRIMARY KEY, parent int NOT NULL REFERENCES parent)",
                "CREATE TABLE gated (id int CHECK (gate('gate-restore')))",
                "CREATE INDEX gated_indexed ON gated (indexed(id))",
                "INSERT INTO plain SELECT i, repeat(md5(i::text), 5) FROM generate_series(1, " + rows + ") i",
                "INSERT INTO parent (name) SELECT 'p' || i FROM generate_series(1, 50) i",
                "INSERT INTO child SELECT i, 1 + i % 50 FROM generate_series(1, 300) i",
                "INSERT INTO gated SELECT i FROM generate_series(1, 100) i",
                "SELECT lo_create(4711), lo_create(4712)");
        server.sql("postgres", "ALTER DATABASE " + database + " SET work_mem = '5MB'");
    }

    /** Rows, constraints, indexes, sequences and settings, each as a line of text. */
    static List<String> of(EmbeddedServer server, String database) throws SQLException {
        List<String> lines = new ArrayList<>();
        for (String table : server.column(
                database, "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")) {
            lines.add(table + " "
                    + server.value(
                            database,
                            "SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, ',' ORDER BY t::text)), '')"
                                    + " FROM ONLY " + table + " t"));
        }
        lines.addAll(server.column(database, """
                SELECT conname || ' ' || contype::text || ' ' || convalidated FROM pg_constraint
                 WHERE connamespace = 'public'::regnamespace AND contype IN ('p', 'u', 'c', 'f') ORDER BY 1
                """));
        lines.addAll(server.column(
                database,
                "SELECT indexrelid::regclass::text || ' ' || indisvalid FROM pg_index"
                        + " WHERE indexrelid::regclass::text !~ '^pg_' ORDER BY 1"));
        lines.add(server.value(database, "SELECT last_value || ' ' || is_called FROM parent_id_seq"));
        lines.addAll(server.column(database, "SELECT oid::text FROM pg_largeobject_metadata ORDER BY 1"));
        lines.addAll(server.column(
                database,
                "SELECT unnest(setconfig) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase"
                        + " WHERE datname = current_database() ORDER BY 1"));
        return lines;
    }
}
