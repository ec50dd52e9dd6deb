package io.pgconvoy.testing;

import java.nio.file.Path;
import java.util.Locale;

/**
 * Tablespaces and what is in them. Their folders may serve two servers on one machine as long as these differ in their
 * major version, each of which has a subfolder of its own in there.
 */
final class FleetSpaces {
    /** The database that is in a tablespace itself. */
    static final String DATABASE = "in a space";

    private static final String FAST = "\"fast; \"\"space\"\"\"";

    private FleetSpaces() {}

    /** Creates the tablespaces in existing folders. */
    static void create(Script script, Path fast, Path slow) {
        script.add("CREATE TABLESPACE " + FAST + " OWNER app_owner LOCATION " + Quote.literal(fast.toString()));
        script.add("CREATE TABLESPACE slow LOCATION " + Quote.literal(slow.toString())
                + " WITH (random_page_cost = 7.5, seq_page_cost = 2)");
        script.add(String.format(Locale.ROOT, """
                GRANT CREATE ON TABLESPACE %1$s TO app WITH GRANT OPTION;
                SET ROLE app;
                GRANT CREATE ON TABLESPACE %1$s TO "Report Reader";
                RESET ROLE;
                REVOKE ALL ON TABLESPACE slow FROM postgres;
                COMMENT ON TABLESPACE %1$s IS 'much faster; ''really''';
                ALTER ROLE app_owner SET default_tablespace = 'slow';
                ALTER ROLE app_owner SET temp_tablespaces = slow, %1$s;
                """, FAST));
        script.since(Script.V9_6, "ALTER TABLESPACE " + FAST + " SET (effective_io_concurrency = 5)");
    }

    static FleetDatabase database() {
        return FleetDatabase.of(DATABASE, FleetSpaces::fill)
                .with("TABLESPACE slow")
                .finishedBy(script -> script.add(
                        "ALTER DATABASE \"" + DATABASE + "\" SET default_tablespace = " + Quote.literal("slow")));
    }

    private static void fill(Script script) {
        script.add(String.format(Locale.ROOT, """
                CREATE TABLE here (id integer PRIMARY KEY USING INDEX TABLESPACE %1$s, a integer, b text,
                    CONSTRAINT b_once UNIQUE (b) USING INDEX TABLESPACE pg_default);
                CREATE TABLE fast (id integer, a integer, b text) TABLESPACE %1$s;
                CREATE TABLE standard (id integer PRIMARY KEY) TABLESPACE pg_default;
                INSERT INTO here SELECT i, i, 'b' || i FROM generate_series(1, 200) i;
                INSERT INTO fast SELECT i, i, 'b' || i FROM generate_series(1, 200) i;
                INSERT INTO standard VALUES (1);
                CREATE INDEX here_fast ON here (a) TABLESPACE %1$s;
                CREATE INDEX fast_here ON fast (a);
                CREATE INDEX fast_fast ON fast (a, b) WITH (fillfactor = 50) TABLESPACE %1$s;
                ALTER TABLE fast CLUSTER ON fast_fast;
                CREATE MATERIALIZED VIEW seen TABLESPACE %1$s AS SELECT count(*) AS n FROM here;
                """, FAST));
        script.since(Script.V12, String.format(Locale.ROOT, """
                CREATE TABLE parts (id integer, PRIMARY KEY (id) USING INDEX TABLESPACE %1$s)
                    PARTITION BY RANGE (id) TABLESPACE %1$s;
                CREATE TABLE part_there PARTITION OF parts FOR VALUES FROM (0) TO (100);
                CREATE TABLE part_here PARTITION OF parts FOR VALUES FROM (100) TO (200) TABLESPACE pg_default;
                CREATE INDEX on_parts ON parts (id DESC) TABLESPACE %1$s;
                INSERT INTO parts SELECT generate_series(1, 150);
                """, FAST));
    }
}
