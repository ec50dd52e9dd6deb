package io.pgconvoy.testing;

import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** Names that break programs which do not quote, and objects called so. */
final class FleetNames {
    /** Each is the name of a database, and in one of them also of a schema, a table, a column and more. */
    static final List<String> NASTY = List.of(
            "a=b",
            "../x",
            "UPPER Case",
            "with \"quotes\"",
            "new\nline",
            "slash/es",
            "perc%ent$",
            "ünïcödé",
            "select",
            "it's; DROP",
            "back\\slash",
            "x".repeat(31) + "_" + "é".repeat(15) + "z");

    private FleetNames() {}

    /** One small table, called like the database. */
    static Consumer<Script> small(String name) {
        return script -> {
            String quoted = Quote.identifier(name);
            script.add(String.format(Locale.ROOT, """
                    CREATE TABLE %1$s (id serial PRIMARY KEY, %1$s text);
                    INSERT INTO %1$s (%1$s) SELECT %2$s || i FROM generate_series(1, ROWS(200)) i;
                    """, quoted, Quote.literal(name)));
            script.add("COMMENT ON TABLE " + quoted + " IS " + Quote.literal(name));
        };
    }

    /** Everything that can have a name, with each of the names. */
    static void all(Script script) {
        for (String name : NASTY) {
            String quoted = Quote.identifier(name);
            script.add(String.format(Locale.ROOT, """
                    CREATE SCHEMA %1$s;
                    CREATE TYPE %1$s.%1$s AS ENUM (%2$s);
                    CREATE DOMAIN %1$s.d AS text CONSTRAINT %1$s CHECK (VALUE <> %2$s);
                    CREATE TABLE %1$s.t (%1$s integer CONSTRAINT %1$s PRIMARY KEY, e %1$s.%1$s DEFAULT %2$s);
                    CREATE SEQUENCE %1$s.s OWNED BY %1$s.t.%1$s;
                    CREATE VIEW %1$s.v AS SELECT %1$s AS %1$s FROM %1$s.t;
                    CREATE FUNCTION %1$s.%1$s(%1$s integer) RETURNS integer LANGUAGE sql AS 'SELECT 1';
                    CREATE FUNCTION %1$s.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
                    CREATE TRIGGER %1$s BEFORE INSERT ON %1$s.t FOR EACH ROW EXECUTE PROCEDURE %1$s.f();
                    CREATE POLICY %1$s ON %1$s.t USING (true);
                    CREATE INDEX ON %1$s.t (e, %1$s);
                    INSERT INTO %1$s.t SELECT i FROM generate_series(1, 20) i;
                    CREATE MATERIALIZED VIEW %1$s.m AS SELECT * FROM %1$s.v;
                    """, quoted, Quote.literal(name)));
        }
    }
}
