package io.pgconvoy.testing;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A few small databases whose bigger tables are to be deferred, with all that can stand around such a table. Tables of
 * some megabytes, so that they go in several parts of one megabyte.
 */
public final class DeferredFleet {
    /** A database, a schema and a table with names that break what does not quote. */
    private static final String NASTY_DATABASE = "it's \"q\" a.b*";

    private static final String NASTY_SCHEMA = "x.y \"z\"";
    private static final String NASTY_TABLE = "t a.b\nc*?\\ \"d\" 'e' é";

    private DeferredFleet() {}

    /** The databases' names, {@code postgres} among them. */
    public static List<String> databases() {
        return List.of("depot", "latin", "ascii", NASTY_DATABASE, "postgres");
    }

    /** The options that defer. */
    public static List<String> options(String version) {
        Stream<String> patterns = Stream.of(
                "depot.event",
                "depot.public.booking",
                "depot.plain",
                "depot.void",
                "depot.scratch",
                "depot.vehicle",
                "depot.circle",
                "depot.counter*",
                "latin.\"Größe\"",
                "ascii.m?xed",
                quoted(NASTY_DATABASE) + "." + quoted(NASTY_SCHEMA) + "." + quoted(NASTY_TABLE),
                "postgres.jobs.*");
        Stream<String> partitions =
                version.startsWith("9.") ? Stream.of() : Stream.of("depot.metering", "depot.ledger_2");
        return Stream.concat(patterns, partitions)
                .map(pattern -> "--delay-table-data=" + pattern)
                .toList();
    }

    /** How many tables that defers, by database. */
    public static Map<String, Integer> tables(String version) {
        Map<String, Integer> tables = new LinkedHashMap<>();
        tables.put("depot", version.startsWith("9.") ? 8 : 12);
        tables.put("latin", 1);
        tables.put("ascii", 1);
        tables.put(NASTY_DATABASE, 1);
        tables.put("postgres", 1);
        return tables;
    }

    /** Creates the databases. */
    public static void load(EmbeddedServer server) throws SQLException {
        create(server, "depot", "", DeferredFleet::depot);
        create(server, "latin", "ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'", DeferredFleet::latin);
        create(server, "ascii", "ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'", DeferredFleet::ascii);
        create(server, NASTY_DATABASE, "", DeferredFleet::nasty);
        fill(server, "postgres", DeferredFleet::postgres);
    }

    private static void create(EmbeddedServer server, String name, String properties, Consumer<Script> content)
            throws SQLException {
        server.sql("postgres", "CREATE DATABASE " + quoted(name) + " TEMPLATE template0 " + properties);
        fill(server, name, content);
    }

    private static void fill(EmbeddedServer server, String database, Consumer<Script> content) throws SQLException {
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            Script script = new Script(version(statement), 1);
            content.accept(script);
            for (String sql : script.statements()) {
                statement.execute(sql);
            }
            // Parts by key are cut by the histogram.
            statement.execute("ANALYZE");
        }
    }

    private static int version(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("SHOW server_version_num")) {
            row.next();
            return row.getInt(1);
        }
    }

    private static void depot(Script script) {
        event(script);
        neighbours(script);
        triggers(script);
        views(script);
        small(script);
        inheritance(script);
        script.since(Script.V14, partitions());
        eventTriggers(script);
    }

    private static void event(Script script) {
        script.add("""
                CREATE TABLE customer (id integer PRIMARY KEY, email text NOT NULL);
                CREATE UNIQUE INDEX customer_email ON customer (email);
                INSERT INTO customer SELECT i, 'c' || i FROM generate_series(1, 200) i;
                CREATE TABLE event (
                    id bigserial PRIMARY KEY,
                    customer_id integer CONSTRAINT event_customer REFERENCES customer DEFERRABLE INITIALLY DEFERRED,
                    email text CONSTRAINT event_email REFERENCES customer (email) ON UPDATE CASCADE,
                    parent_id bigint CONSTRAINT event_parent REFERENCES event,
                    ghost integer,
                    code text NOT NULL,
                    ticket integer CONSTRAINT event_ticket UNIQUE DEFERRABLE,
                    filler text DEFAULT 'f' CHECK (filler <> ''),
                    amount numeric,
                    UNIQUE (code, id));
                INSERT INTO event (customer_id, email, parent_id, ghost, code, ticket, filler, amount)
                    SELECT i % 200 + 1, 'c' || (i % 200 + 1), CASE WHEN i > 1 THEN i / 2 END, -i, 'code' || i, i,
                           repeat(md5(i::text), 4), CASE i WHEN 5 THEN 'NaN' ELSE i / 7.0 END
                      FROM generate_series(1, 12000) i;
                """);
        script.add("""
                ALTER TABLE event ADD CONSTRAINT event_ghost FOREIGN KEY (ghost) REFERENCES customer NOT VALID;
                ALTER TABLE event ADD CONSTRAINT event_amount CHECK (amount > 1000) NOT VALID;
                COMMENT ON CONSTRAINT event_ghost ON event IS 'not valid here either';
                COMMENT ON CONSTRAINT event_amount ON event IS 'old rows violate it';
                COMMENT ON CONSTRAINT event_customer ON event IS 'deferrable';
                CREATE INDEX event_by_customer ON event (customer_id) WITH (fillfactor = 77);
                COMMENT ON INDEX event_by_customer IS 'it''s a comment';
                ALTER TABLE event CLUSTER ON event_by_customer;
                CREATE UNIQUE INDEX event_code ON event (code);
                ALTER TABLE event REPLICA IDENTITY USING INDEX event_code;
                CREATE INDEX "event {fn now()} ?" ON event (lower(code), (amount * 2) DESC) WHERE amount > 10;
                CREATE INDEX event_brin ON event USING brin (id);
                CREATE INDEX event_hash ON event USING gin (to_tsvector('english', code));
                ALTER TABLE event ALTER COLUMN code SET STATISTICS 500;
                ALTER TABLE event ALTER COLUMN filler SET STORAGE external;
                CREATE RULE event_kept AS ON DELETE TO event WHERE old.id < 0 DO INSTEAD NOTHING;
                ALTER TABLE event ENABLE ROW LEVEL SECURITY;
                CREATE POLICY event_seen ON event USING (id > 0);
                """);
        script.since(Script.V11, """
                ALTER INDEX "event {fn now()} ?" ALTER COLUMN 1 SET STATISTICS 700;
                ALTER TABLE event FORCE ROW LEVEL SECURITY;
                CREATE INDEX event_including ON event (ticket) INCLUDE (amount);
                CREATE STATISTICS event_statistics ON customer_id, email FROM event;
                """);
        script.since(Script.V12, """
                ALTER TABLE event ADD COLUMN doubled numeric GENERATED ALWAYS AS (amount * 2) STORED;
                ALTER TABLE event ADD COLUMN line integer GENERATED ALWAYS AS IDENTITY;
                CREATE INDEX event_doubled ON event (doubled);
                """);
    }

    /** Regular tables with keys to a deferred one: to its key, and to an index behind which no constraint stands. */
    private static void neighbours(Script script) {
        script.add("""
                CREATE TABLE note (id serial PRIMARY KEY,
                    event_id bigint CONSTRAINT note_event REFERENCES event ON DELETE CASCADE);
                INSERT INTO note (event_id) SELECT i FROM generate_series(1, 300) i;
                CREATE TABLE tag (code text CONSTRAINT tag_event REFERENCES event (code), word text);
                COMMENT ON CONSTRAINT tag_event ON tag IS 'waits for an index';
                INSERT INTO tag SELECT 'code' || i, 'w' FROM generate_series(1, 100) i;
                CREATE TABLE stray (event_id bigint);
                INSERT INTO stray VALUES (-1), (1);
                ALTER TABLE stray ADD CONSTRAINT stray_event FOREIGN KEY (event_id) REFERENCES event NOT VALID;
                """);
    }

    private static void triggers(Script script) {
        script.add("""
                CREATE TABLE audit (trigger text, id bigint);
                CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS $function$
                BEGIN
                    INSERT INTO public.audit VALUES (TG_NAME, NEW.id);
                    RETURN NEW;
                END $function$;
                CREATE TRIGGER on_origin AFTER INSERT ON event FOR EACH ROW EXECUTE PROCEDURE audit();
                CREATE TRIGGER on_always BEFORE INSERT ON event FOR EACH ROW EXECUTE PROCEDURE audit();
                CREATE TRIGGER on_replica BEFORE INSERT ON event FOR EACH ROW EXECUTE PROCEDURE audit();
                CREATE TRIGGER on_disabled BEFORE INSERT ON event FOR EACH ROW EXECUTE PROCEDURE audit();
                CREATE CONSTRAINT TRIGGER on_commit AFTER INSERT ON event DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW EXECUTE PROCEDURE audit();
                ALTER TABLE event ENABLE ALWAYS TRIGGER on_always;
                ALTER TABLE event ENABLE REPLICA TRIGGER on_replica;
                ALTER TABLE event DISABLE TRIGGER on_disabled;
                """);
    }

    private static void views(Script script) {
        script.add("""
                CREATE VIEW recent AS SELECT id, customer_id, amount FROM event WHERE id % 7 = 0;
                CREATE MATERIALIZED VIEW per_customer AS
                    SELECT customer_id, count(*) AS n, sum(amount) AS total FROM recent GROUP BY customer_id;
                CREATE UNIQUE INDEX per_customer_key ON per_customer (customer_id);
                CREATE VIEW busy AS SELECT customer_id, n FROM per_customer WHERE n > 2;
                CREATE MATERIALIZED VIEW busiest AS SELECT max(n) AS n, count(*) AS customers FROM busy;
                CREATE MATERIALIZED VIEW "all of it" AS
                    SELECT n, (SELECT count(*) FROM event WHERE id < 50) AS first FROM busiest;
                CREATE FUNCTION events() RETURNS bigint LANGUAGE plpgsql STABLE AS
                    'BEGIN RETURN (SELECT count(*) FROM public.event); END';
                CREATE VIEW number AS SELECT events() AS n;
                CREATE MATERIALIZED VIEW by_function AS SELECT n FROM number;
                CREATE MATERIALIZED VIEW not_populated AS SELECT id FROM event WITH NO DATA;
                """);
    }

    private static void small(Script script) {
        script.add("""
                CREATE TABLE booking (room integer, during int4range,
                    CONSTRAINT booking_overlap EXCLUDE USING gist (during WITH &&));
                INSERT INTO booking SELECT i, int4range(i * 10, i * 10 + 5) FROM generate_series(1, 300) i;
                CREATE INDEX ON booking (room);
                CREATE TABLE plain (a integer, b text, gone integer, c bytea, d date, e text[]);
                ALTER TABLE plain DROP COLUMN gone;
                INSERT INTO plain SELECT i % 3, CASE i % 4 WHEN 0 THEN NULL WHEN 1 THEN '' ELSE E'\\\\N\\t\\n' END, '\\x00ff',
                        CASE i % 5 WHEN 0 THEN '0044-03-15 BC' WHEN 1 THEN 'infinity' ELSE date '2000-01-01' + i END,
                        ARRAY['x', NULL, '{"y"}']
                    FROM generate_series(1, 15000) i;
                CREATE INDEX plain_a ON plain (a, b);
                CREATE TABLE void (id serial PRIMARY KEY, t text);
                SELECT nextval('void_id_seq'), nextval('void_id_seq');
                CREATE INDEX ON void (t);
                CREATE UNLOGGED TABLE scratch (key text PRIMARY KEY, value text);
                INSERT INTO scratch SELECT 'k' || i, 'v' FROM generate_series(1, 500) i;
                CREATE INDEX ON scratch (value);
                """);
        script.add("CREATE TABLE counter (n integer); INSERT INTO counter SELECT generate_series(1, 10);");
    }

    private static void inheritance(Script script) {
        script.add("""
                CREATE TABLE vehicle (id integer PRIMARY KEY, wheels integer);
                CREATE TABLE car (doors integer, UNIQUE (id)) INHERITS (vehicle);
                INSERT INTO vehicle SELECT i, 2 FROM generate_series(1, 400) i;
                INSERT INTO car SELECT i, 4, 5 FROM generate_series(1001, 1300) i;
                CREATE INDEX ON vehicle (wheels);
                CREATE INDEX ON car (wheels);
                CREATE TABLE shape (id integer PRIMARY KEY, area numeric);
                CREATE TABLE circle (radius numeric) INHERITS (shape);
                INSERT INTO shape SELECT i, 1 FROM generate_series(1, 200) i;
                INSERT INTO circle SELECT i, 3, 1 FROM generate_series(501, 900) i;
                ALTER TABLE shape ADD CONSTRAINT shape_area CHECK (area > 2) NOT VALID;
                CREATE INDEX ON circle (radius);
                CREATE MATERIALIZED VIEW shapes AS SELECT count(*) AS n, sum(area) AS area FROM shape;
                """);
    }

    private static String partitions() {
        return """
                CREATE TABLE metering (at date NOT NULL, sensor integer NOT NULL, value float8,
                    customer_id integer CONSTRAINT metering_customer REFERENCES customer,
                    PRIMARY KEY (at, sensor)) PARTITION BY RANGE (at);
                CREATE TABLE metering_2020 PARTITION OF metering FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
                CREATE TABLE metering_2021 PARTITION OF metering FOR VALUES FROM ('2021-01-01') TO ('2022-01-01')
                    PARTITION BY LIST (sensor);
                CREATE TABLE "metering 2021 few" PARTITION OF metering_2021 FOR VALUES IN (0, 1, 2);
                CREATE TABLE "metering 2021 more" PARTITION OF metering_2021 FOR VALUES IN (3, 4, 5, 6, 7, 8, 9);
                INSERT INTO metering SELECT date '2020-01-01' + i / 10, i % 10, i / 7.0, i % 200 + 1
                    FROM generate_series(0, 7000) i;
                CREATE INDEX metering_value ON metering (value);
                CREATE UNIQUE INDEX metering_unique ON metering (sensor, at);
                COMMENT ON INDEX metering_value IS 'of all partitions';
                CREATE INDEX metering_double ON metering ((value * 2));
                ALTER INDEX metering_2020_expr_idx ALTER COLUMN 1 SET STATISTICS 300;
                COMMENT ON INDEX metering_2020_expr_idx IS 'of one partition';
                ALTER TABLE metering_2020 REPLICA IDENTITY USING INDEX metering_2020_sensor_at_idx;
                CREATE INDEX metering_2020_alone ON metering_2020 (customer_id);
                ALTER TABLE "metering 2021 few" CLUSTER ON "metering 2021 few_value_idx";
                CREATE TABLE refers (at date, sensor integer,
                    CONSTRAINT refers_metering FOREIGN KEY (at, sensor) REFERENCES metering);
                INSERT INTO refers SELECT at, sensor FROM metering WHERE sensor = 1;
                CREATE FUNCTION metered() RETURNS trigger LANGUAGE plpgsql AS $function$
                BEGIN
                    INSERT INTO public.audit VALUES ('metered', NEW.sensor);
                    RETURN NULL;
                END $function$;
                CREATE TRIGGER metered AFTER INSERT ON metering FOR EACH ROW EXECUTE FUNCTION metered();
                ALTER TABLE metering_2020 ENABLE ALWAYS TRIGGER metered;
                CREATE MATERIALIZED VIEW metered AS SELECT sensor, count(*) AS n FROM metering GROUP BY sensor;
                CREATE TABLE ledger (id integer, kind integer, text text,
                    customer_id integer CONSTRAINT ledger_customer REFERENCES customer, UNIQUE (id, kind))
                    PARTITION BY LIST (kind);
                CREATE TABLE ledger_1 PARTITION OF ledger FOR VALUES IN (1);
                CREATE TABLE ledger_2 PARTITION OF ledger FOR VALUES IN (2);
                CREATE TABLE ledger_rest PARTITION OF ledger DEFAULT;
                INSERT INTO ledger SELECT i, i % 4, repeat('l', 50), i % 200 + 1 FROM generate_series(1, 2000) i;
                CREATE INDEX ledger_text ON ledger (text);
                CREATE UNIQUE INDEX ledger_unique ON ledger (kind, id);
                """;
    }

    /** They note what our changes after the restore must not make them note. */
    private static void eventTriggers(Script script) {
        script.add("""
                CREATE TABLE changes (what text);
                CREATE FUNCTION note_change() RETURNS event_trigger LANGUAGE plpgsql AS $function$
                BEGIN
                    INSERT INTO public.changes VALUES (TG_EVENT || ' ' || TG_TAG);
                END $function$;
                CREATE EVENT TRIGGER note_change ON ddl_command_end EXECUTE PROCEDURE note_change();
                CREATE EVENT TRIGGER note_drop ON sql_drop EXECUTE PROCEDURE note_change();
                """);
    }

    private static void latin(Script script) {
        script.add("""
                CREATE TABLE "Größe" ("Maß" integer PRIMARY KEY, "Name" text);
                INSERT INTO "Größe" SELECT i, 'Übergröße ' || i || ' é' FROM generate_series(1, 20000) i;
                CREATE INDEX "Größe nach Name" ON "Größe" ("Name");
                CREATE TABLE rest (i integer);
                INSERT INTO rest SELECT generate_series(1, 10);
                CREATE MATERIALIZED VIEW unrelated AS SELECT count(*) AS n FROM rest;
                """);
    }

    /** Bytes that are no text in any one encoding. */
    private static void ascii(Script script) {
        script.add("""
                CREATE TABLE mixed (id integer PRIMARY KEY, t text);
                INSERT INTO mixed SELECT i, chr(233) || i || chr(255) || chr(92) FROM generate_series(1, 20000) i;
                CREATE INDEX mixed_text ON mixed (t);
                CREATE FUNCTION busybody() RETURNS event_trigger LANGUAGE plpgsql AS $function$
                BEGIN
                    PERFORM count(*) FROM pg_catalog.pg_class;
                END $function$;
                CREATE EVENT TRIGGER busybody ON ddl_command_end EXECUTE PROCEDURE busybody();
                ALTER EVENT TRIGGER busybody ENABLE ALWAYS;
                """);
    }

    private static void nasty(Script script) {
        String table = quoted(NASTY_SCHEMA) + "." + quoted(NASTY_TABLE);
        String column = quoted("c \"1\"\n%s");
        script.add("CREATE SCHEMA " + quoted(NASTY_SCHEMA));
        script.add("CREATE TABLE " + table + " (id integer CONSTRAINT " + quoted("k.\"é\n") + " PRIMARY KEY, " + column
                + " text)");
        script.add("INSERT INTO " + table + " SELECT i, repeat('n', 100) || i FROM generate_series(1, 10000) i");
        script.add("CREATE INDEX " + quoted("i.\" \n{d}?") + " ON " + table + " (" + column + ")");
        script.add("CREATE TABLE " + quoted(NASTY_SCHEMA) + "." + quoted(NASTY_TABLE + "2") + " (id integer CONSTRAINT "
                + quoted("f.\"é\n*") + " REFERENCES " + table + ")");
        script.add("INSERT INTO " + quoted(NASTY_SCHEMA) + "." + quoted(NASTY_TABLE + "2")
                + " SELECT generate_series(1, 9)");
        script.add("CREATE MATERIALIZED VIEW " + quoted("m.\"\n") + " AS SELECT x." + column + " FROM " + table
                + " x WHERE x.id < 10");
    }

    private static void postgres(Script script) {
        script.add("""
                CREATE SCHEMA jobs;
                CREATE TABLE jobs.run (id serial PRIMARY KEY, command text);
                INSERT INTO jobs.run (command) SELECT 'VACUUM t' || i FROM generate_series(1, 25000) i;
                CREATE INDEX ON jobs.run (command);
                CREATE TABLE crontab (i integer REFERENCES jobs.run);
                INSERT INTO crontab VALUES (1), (2);
                """);
    }

    private static String quoted(String name) {
        return Quote.identifier(name);
    }
}
