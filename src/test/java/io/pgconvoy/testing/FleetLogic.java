package io.pgconvoy.testing;

/** What a server does by itself: functions, operators, triggers, rules, publications. */
final class FleetLogic {
    private FleetLogic() {}

    static void fill(Script script) {
        functions(script);
        triggers(script);
        script.since(Script.V10, """
                CREATE PUBLICATION some_tables FOR TABLE journal;
                CREATE PUBLICATION everything FOR ALL TABLES;
                """);
        // Its slot exists nowhere: a copy of it must not be enabled.
        script.since(
                Script.V10,
                "CREATE SUBSCRIPTION incoming CONNECTION 'host=nowhere.invalid dbname=x password=secret'"
                        + " PUBLICATION some_tables WITH (connect = false, slot_name = NONE)");
        // Last, because it fires for what is made after it, here as well as on the target.
        script.add("""
                CREATE FUNCTION on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$
                BEGIN
                    INSERT INTO public.ddl_log (tag) VALUES (tg_tag);
                END $$;
                CREATE TABLE ddl_log (tag text);
                CREATE EVENT TRIGGER log_ddl ON ddl_command_end WHEN TAG IN ('CREATE TABLE', 'CREATE INDEX')
                    EXECUTE PROCEDURE on_ddl();
                CREATE EVENT TRIGGER disabled_one ON sql_drop EXECUTE PROCEDURE on_ddl();
                ALTER EVENT TRIGGER disabled_one DISABLE;
                COMMENT ON EVENT TRIGGER log_ddl IS 'made last';
                """);
    }

    private static void functions(Script script) {
        script.add("""
                CREATE SCHEMA tools;
                CREATE FUNCTION tools.add(a integer, b integer DEFAULT 1) RETURNS integer
                    LANGUAGE sql IMMUTABLE STRICT COST 5 AS 'SELECT a + b';
                CREATE FUNCTION tools."Odd Name"(INOUT x text, VARIADIC more text[] DEFAULT '{}') LANGUAGE plpgsql AS $body$
                BEGIN
                    x := x || $$;'$$ || array_to_string(more, ',');
                END $body$;
                CREATE FUNCTION tools.rows_of(n integer) RETURNS TABLE (i integer, t text) LANGUAGE sql ROWS 5
                    SET search_path = pg_catalog SET work_mem = '2MB'
                    AS 'SELECT i, i::text FROM pg_catalog.generate_series(1, n) i';
                CREATE FUNCTION tools.longest(text, text) RETURNS text LANGUAGE sql IMMUTABLE
                    AS 'SELECT CASE WHEN length($1) >= length($2) THEN $1 ELSE $2 END';
                CREATE AGGREGATE tools.longest(text) (SFUNC = tools.longest, STYPE = text, INITCOND = '');
                CREATE OPERATOR tools.||| (PROCEDURE = tools.longest, LEFTARG = text, RIGHTARG = text);
                CREATE TYPE tools.celsius AS (degrees numeric);
                CREATE FUNCTION tools.to_numeric(tools.celsius) RETURNS numeric LANGUAGE sql IMMUTABLE
                    AS 'SELECT $1.degrees';
                CREATE CAST (tools.celsius AS numeric) WITH FUNCTION tools.to_numeric(tools.celsius) AS ASSIGNMENT;
                CREATE COLLATION tools.plain (LC_COLLATE = 'C', LC_CTYPE = 'C');
                COMMENT ON FUNCTION tools.add(integer, integer) IS 'adds';
                COMMENT ON AGGREGATE tools.longest(text) IS 'the longest of them';
                COMMENT ON OPERATOR tools.||| (text, text) IS 'plus';
                ALTER FUNCTION tools.add(integer, integer) OWNER TO app_owner;
                REVOKE ALL ON FUNCTION tools.add(integer, integer) FROM PUBLIC;
                GRANT EXECUTE ON FUNCTION tools.add(integer, integer) TO app;
                CREATE TABLE uses_functions (a integer DEFAULT tools.add(1, 2), t text COLLATE tools.plain,
                    CHECK (tools.add(a, 1) > 0));
                INSERT INTO uses_functions (t) SELECT 'u' || i FROM generate_series(1, 50) i;
                CREATE INDEX ON uses_functions (tools.add(a, 5), t);
                """);
        script.since(Script.V11, """
                CREATE PROCEDURE tools.tidy(days integer) LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$;
                COMMENT ON PROCEDURE tools.tidy(integer) IS 'a procedure';
                """);
        script.since(
                Script.V14,
                "CREATE FUNCTION tools.parsed(a integer) RETURNS integer LANGUAGE sql BEGIN ATOMIC SELECT a + 1; END");
    }

    private static void triggers(Script script) {
        script.add("""
                CREATE TABLE journal (id serial PRIMARY KEY, what text, at timestamptz DEFAULT '2020-01-01 00:00:00+00');
                CREATE TABLE account (id integer PRIMARY KEY, amount integer NOT NULL, changes integer DEFAULT 0);
                CREATE FUNCTION account_changed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
                BEGIN
                    INSERT INTO public.journal (what) VALUES (TG_OP || ' ' || COALESCE(NEW.id::text, 'none'));
                    NEW.changes := COALESCE(NEW.changes, 0) + 1;
                    RETURN NEW;
                END $$;
                INSERT INTO account SELECT i, i * 10 FROM generate_series(1, 200) i;
                CREATE TRIGGER enabled BEFORE INSERT OR UPDATE OF amount ON account
                    FOR EACH ROW WHEN (NEW.amount >= 0) EXECUTE PROCEDURE account_changed();
                CREATE TRIGGER always AFTER DELETE ON account FOR EACH STATEMENT EXECUTE PROCEDURE account_changed();
                CREATE TRIGGER on_replica BEFORE UPDATE ON account FOR EACH ROW EXECUTE PROCEDURE account_changed();
                CREATE TRIGGER "switched off" BEFORE INSERT ON account FOR EACH ROW EXECUTE PROCEDURE account_changed();
                CREATE CONSTRAINT TRIGGER deferred AFTER INSERT ON account DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW EXECUTE PROCEDURE account_changed();
                ALTER TABLE account ENABLE ALWAYS TRIGGER always;
                ALTER TABLE account ENABLE REPLICA TRIGGER on_replica;
                ALTER TABLE account DISABLE TRIGGER "switched off";
                COMMENT ON TRIGGER enabled ON account IS 'counts';
                UPDATE account SET amount = amount + 1 WHERE id <= 10;
                CREATE VIEW accounts AS SELECT id, amount FROM account;
                CREATE RULE accounts_insert AS ON INSERT TO accounts
                    DO INSTEAD INSERT INTO account (id, amount) VALUES (NEW.id, NEW.amount);
                CREATE RULE noted AS ON DELETE TO account DO ALSO INSERT INTO journal (what) VALUES ('rule');
                CREATE RULE off AS ON UPDATE TO journal DO INSTEAD NOTHING;
                ALTER TABLE journal DISABLE RULE off;
                COMMENT ON RULE noted ON account IS 'notes deletions';
                """);
    }
}
