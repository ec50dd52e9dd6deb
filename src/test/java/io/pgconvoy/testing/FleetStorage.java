package io.pgconvoy.testing;

/** How tables are stored, clustered, replicated, constrained and sampled, and sequences in odd states. */
final class FleetStorage {
    private FleetStorage() {}

    static void fill(Script script) {
        options(script);
        identities(script);
        constraints(script);
        statistics(script);
        partitions(script);
        sequences(script);
    }

    private static void options(Script script) {
        script.add("""
                CREATE TABLE tuned (id integer PRIMARY KEY, plain text, main text, external text, extended numeric, "pl""ain" box)
                    WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, toast.autovacuum_enabled = false,
                          user_catalog_table = true);
                ALTER TABLE tuned ALTER plain SET STORAGE PLAIN, ALTER main SET STORAGE MAIN,
                    ALTER external SET STORAGE EXTERNAL, ALTER extended SET STORAGE MAIN;
                ALTER TABLE tuned ALTER id SET STATISTICS 1000, ALTER plain SET STATISTICS 0,
                    ALTER main SET (n_distinct = -0.5, n_distinct_inherited = 100);
                ALTER TABLE tuned SET (autovacuum_freeze_max_age = 150000000);
                INSERT INTO tuned SELECT i, 'p' || i, repeat('m', 3000), repeat('e', i), i / 7.0, NULL
                    FROM generate_series(1, ROWS(500)) i;
                CREATE INDEX ON tuned USING gin (to_tsvector('simple', main)) WITH (fastupdate = off);
                CREATE INDEX ON tuned USING gist ("pl""ain") WITH (buffering = on, fillfactor = 80);
                CREATE INDEX ON tuned USING spgist (plain text_ops) WITH (fillfactor = 75);
                CREATE INDEX "tuned;cluster" ON tuned (extended DESC, lower(plain) COLLATE "C" NULLS FIRST)
                    WHERE id > 5 AND plain <> 'x;y';
                CREATE INDEX tuned_order ON tuned (extended);
                ALTER TABLE tuned CLUSTER ON tuned_order;
                CREATE MATERIALIZED VIEW tuned_view WITH (fillfactor = 60, autovacuum_enabled = off) AS
                    SELECT id, plain FROM tuned WITH DATA;
                CREATE UNIQUE INDEX tuned_view_id ON tuned_view (id);
                ALTER MATERIALIZED VIEW tuned_view CLUSTER ON tuned_view_id;
                ALTER MATERIALIZED VIEW tuned_view ALTER COLUMN plain SET STATISTICS 7;
                COMMENT ON COLUMN tuned_view.plain IS 'of a materialized view';
                """);
        script.since(Script.V9_6, "ALTER TABLE tuned SET (parallel_workers = 3)");
        script.since(Script.V10, "CREATE INDEX ON tuned USING brin (id) WITH (autosummarize = true)");
        script.since(Script.V11, """
                ALTER TABLE tuned SET (toast_tuple_target = 4000);
                ALTER INDEX "tuned;cluster" ALTER COLUMN 2 SET STATISTICS 300;
                """);
        script.since(Script.V12, "ALTER TABLE tuned SET (vacuum_truncate = false, vacuum_index_cleanup = off)");
        script.since(Script.V13, """
                CREATE INDEX ON tuned (plain) WITH (deduplicate_items = off);
                CREATE INDEX ON tuned USING gist (to_tsvector('simple', main) tsvector_ops (siglen = 100));
                """);
        script.since(Script.V14, "ALTER TABLE tuned ALTER external SET COMPRESSION pglz");
    }

    private static void identities(Script script) {
        for (String table : new String[] {"identity_full", "identity_nothing", "identity_key", "identity_index"}) {
            script.add("CREATE TABLE " + table + " (id integer PRIMARY KEY, a integer NOT NULL, b text);"
                    + "CREATE UNIQUE INDEX " + table + "_a ON " + table + " (a);"
                    + "INSERT INTO " + table + " SELECT i, i, 'b' FROM generate_series(1, 20) i");
        }
        script.add("""
                ALTER TABLE identity_full REPLICA IDENTITY FULL;
                ALTER TABLE identity_nothing REPLICA IDENTITY NOTHING;
                ALTER TABLE identity_key REPLICA IDENTITY USING INDEX identity_key_pkey;
                ALTER TABLE identity_index REPLICA IDENTITY USING INDEX identity_index_a;
                ALTER TABLE identity_index CLUSTER ON identity_index_a;
                COMMENT ON INDEX identity_index_a IS 'an identity';
                """);
    }

    private static void constraints(Script script) {
        script.add("""
                CREATE TABLE parent (a integer, b integer, c integer, PRIMARY KEY (a, b) DEFERRABLE,
                    CONSTRAINT "unique; c" UNIQUE (c) DEFERRABLE INITIALLY DEFERRED,
                    CONSTRAINT own_only CHECK (c > 0) NO INHERIT, CONSTRAINT inherited CHECK (c < 1000000));
                CREATE UNIQUE INDEX parent_ab ON parent (b, a);
                CREATE TABLE heir (d text DEFAULT 'd', CONSTRAINT inherited CHECK (c < 1000000)) INHERITS (parent);
                ALTER TABLE heir ALTER COLUMN c SET DEFAULT 5, ALTER COLUMN c SET NOT NULL;
                CREATE TABLE heir_of_two (e integer) INHERITS (heir, parent);
                CREATE TABLE stray (a integer, b integer, c integer, CONSTRAINT inherited CHECK (c < 1000000));
                ALTER TABLE stray ALTER a SET NOT NULL, ALTER b SET NOT NULL;
                ALTER TABLE stray INHERIT parent;
                CREATE TABLE child (a integer, b integer, c integer, f text);
                ALTER TABLE child ADD CONSTRAINT full_match FOREIGN KEY (a, b) REFERENCES parent (b, a) MATCH FULL
                    ON DELETE SET DEFAULT ON UPDATE CASCADE;
                ALTER TABLE child ADD CONSTRAINT unproven FOREIGN KEY (a, b) REFERENCES parent (b, a) NOT VALID;
                ALTER TABLE child ADD CONSTRAINT late FOREIGN KEY (a, b) REFERENCES parent (b, a) DEFERRABLE;
                ALTER TABLE child ADD CONSTRAINT no_overlap EXCLUDE USING btree (c WITH =) WHERE (c > 5)
                    DEFERRABLE INITIALLY DEFERRED;
                CREATE UNIQUE INDEX child_f ON child (f) WITH (fillfactor = 55);
                ALTER TABLE child ADD CONSTRAINT from_an_index UNIQUE USING INDEX child_f;
                INSERT INTO parent SELECT i, i, i FROM generate_series(1, 20) i;
                INSERT INTO child SELECT i, i, i, 'f' || i FROM generate_series(1, 20) i;
                COMMENT ON CONSTRAINT full_match ON child IS 'a foreign key';
                COMMENT ON CONSTRAINT "unique; c" ON parent IS 'a unique constraint';
                COMMENT ON CONSTRAINT inherited ON parent IS 'a check';
                COMMENT ON CONSTRAINT no_overlap ON child IS 'an exclusion';
                COMMENT ON CONSTRAINT parent_pkey ON parent IS 'a primary key';
                """);
        script.since(Script.V11, """
                CREATE TABLE covering (a integer, b text, CONSTRAINT covers PRIMARY KEY (a) INCLUDE (b));
                ALTER TABLE covering REPLICA IDENTITY USING INDEX covers;
                """);
        script.since(Script.V15, """
                CREATE TABLE some_columns (a integer, b integer, c integer UNIQUE NULLS NOT DISTINCT,
                    FOREIGN KEY (a, b) REFERENCES parent (b, a) ON DELETE SET NULL (b));
                """);
        script.since(Script.V18, """
                CREATE TABLE modern (a int4range CONSTRAINT "must have" NOT NULL, b integer NOT NULL NO INHERIT,
                    c integer CONSTRAINT on_paper CHECK (c > 0) NOT ENFORCED, during int4range,
                    CONSTRAINT in_time PRIMARY KEY (a, during WITHOUT OVERLAPS));
                ALTER TABLE modern ADD CONSTRAINT hoped_for NOT NULL c NOT VALID;
                CREATE TABLE modern_child (a int4range, during int4range,
                    FOREIGN KEY (a, PERIOD during) REFERENCES modern (a, PERIOD during));
                """);
    }

    private static void statistics(Script script) {
        script.add("CREATE TABLE sampled (a integer, b integer, c text)");
        script.add("INSERT INTO sampled SELECT i % 10, i % 5, 'c' || i % 3 FROM generate_series(1, ROWS(1000)) i");
        script.since(Script.V10, """
                CREATE STATISTICS "both; kinds" (ndistinct, dependencies) ON a, b FROM sampled;
                CREATE SCHEMA elsewhere;
                CREATE STATISTICS elsewhere.distinct_only (ndistinct) ON a, c FROM sampled;
                ALTER STATISTICS elsewhere.distinct_only OWNER TO app_owner;
                COMMENT ON STATISTICS "both; kinds" IS 'extended';
                """);
        script.since(Script.V12, "CREATE STATISTICS most_common (mcv) ON b, c FROM sampled");
        script.since(Script.V13, "ALTER STATISTICS most_common SET STATISTICS 55");
        script.since(Script.V14, """
                CREATE STATISTICS of_expressions ON (a + b), lower(c), c FROM sampled;
                CREATE STATISTICS of_one ON (a * 2) FROM sampled;
                """);
    }

    private static void partitions(Script script) {
        script.since(Script.V10, """
                CREATE TABLE listed (id integer NOT NULL, kind text NOT NULL, v text DEFAULT 'all', at date) PARTITION BY LIST (kind);
                CREATE TABLE listed_a PARTITION OF listed (v DEFAULT 'a', CONSTRAINT a_only CHECK (id > 0)) FOR VALUES IN ('a', 'it''s');
                CREATE TABLE listed_b (gone integer, v text, kind text NOT NULL, extra_gone text, id integer NOT NULL, at date);
                ALTER TABLE listed_b DROP COLUMN gone, DROP COLUMN extra_gone;
                ALTER TABLE listed ATTACH PARTITION listed_b FOR VALUES IN ('b', NULL);
                ALTER TABLE listed_a ALTER COLUMN v SET STATISTICS 42;
                INSERT INTO listed SELECT i, CASE i % 2 WHEN 0 THEN 'a' ELSE 'b' END, 'v', date '2020-01-01' + i
                    FROM generate_series(1, ROWS(500)) i;
                COMMENT ON TABLE listed IS 'in parts';
                COMMENT ON COLUMN listed_a.v IS 'of one part';
                """);
        script.since(Script.V11, """
                CREATE TABLE listed_rest PARTITION OF listed DEFAULT PARTITION BY RANGE (id);
                CREATE TABLE listed_rest_1 PARTITION OF listed_rest FOR VALUES FROM (MINVALUE) TO (1000);
                CREATE TABLE by_expression (at date, kind text) PARTITION BY RANGE (at, lower(kind) COLLATE "C" text_pattern_ops);
                CREATE TABLE by_expression_1 PARTITION OF by_expression FOR VALUES FROM (MINVALUE, MINVALUE) TO ('2020-06-01', 'm');
                CREATE UNIQUE INDEX "leaf; a" ON listed_a (id, kind);
                CREATE UNIQUE INDEX listed_key ON listed (id, kind);
                CREATE INDEX only_above ON ONLY listed (v);
                CREATE INDEX below ON listed_a (v) WITH (fillfactor = 66);
                ALTER INDEX only_above ATTACH PARTITION below;
                COMMENT ON INDEX "leaf; a" IS 'attached';
                ALTER TABLE listed_a REPLICA IDENTITY USING INDEX "leaf; a";
                ALTER TABLE listed_a CLUSTER ON below;
                CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
                CREATE TRIGGER noted AFTER INSERT ON listed FOR EACH ROW EXECUTE PROCEDURE noted();
                CREATE TRIGGER noted_always AFTER UPDATE ON listed FOR EACH ROW EXECUTE PROCEDURE noted();
                ALTER TABLE listed_a DISABLE TRIGGER noted;
                ALTER TABLE listed_b ENABLE ALWAYS TRIGGER noted_always;
                ALTER TABLE listed OWNER TO app_owner;
                GRANT SELECT ON listed TO app;
                GRANT SELECT, DELETE ON listed_a TO "Report Reader";
                """);
        script.since(Script.V12, """
                CREATE TABLE pointing (id integer, kind text, FOREIGN KEY (id, kind) REFERENCES listed (id, kind) ON DELETE CASCADE);
                INSERT INTO pointing SELECT id, kind FROM listed LIMIT 10;
                """);
    }

    private static void sequences(Script script) {
        script.add("""
                CREATE SEQUENCE exhausted MAXVALUE 3;
                SELECT nextval('exhausted'), nextval('exhausted'), nextval('exhausted');
                CREATE SEQUENCE not_called START 10;
                SELECT setval('not_called', 55, false);
                CREATE SEQUENCE at_the_end START 9223372036854775807;
                SELECT nextval('at_the_end');
                CREATE SEQUENCE below_zero INCREMENT -7 MINVALUE -9223372036854775807 MAXVALUE 5 START 5 CYCLE CACHE 3;
                SELECT setval('below_zero', -9223372036854775807);
                CREATE TABLE owns_sequences (a integer, b serial, c bigserial);
                ALTER SEQUENCE exhausted OWNED BY owns_sequences.a;
                ALTER TABLE owns_sequences ALTER b DROP DEFAULT;
                ALTER SEQUENCE not_called OWNER TO app_owner;
                COMMENT ON SEQUENCE below_zero IS 'cold';
                """);
        script.since(Script.V10, """
                CREATE SEQUENCE small AS smallint MAXVALUE 100;
                CREATE TABLE identities (a smallint GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME "own name" START -5 MINVALUE -9 CYCLE),
                    b integer GENERATED ALWAYS AS IDENTITY);
                ALTER TABLE identities ALTER b RESTART WITH 500;
                """);
        script.since(Script.V15, """
                CREATE UNLOGGED SEQUENCE fleeting;
                CREATE UNLOGGED TABLE fleeting_rows (id bigint GENERATED ALWAYS AS IDENTITY, v text);
                INSERT INTO fleeting_rows (v) VALUES ('x');
                """);
    }
}
