package io.pgconvoy.testing;

/** Who may do what: row security, privileges by column and by default, security barriers. */
final class FleetSecurity {
    private FleetSecurity() {}

    static void fill(Script script) {
        script.add("""
                CREATE SCHEMA private AUTHORIZATION app_owner;
                CREATE TABLE private.salary (who text PRIMARY KEY, amount integer, boss text);
                INSERT INTO private.salary SELECT 'w' || i, i * 100, 'app' FROM generate_series(1, 300) i;
                ALTER TABLE private.salary OWNER TO app_owner;
                ALTER TABLE private.salary ENABLE ROW LEVEL SECURITY;
                ALTER TABLE private.salary FORCE ROW LEVEL SECURITY;
                CREATE POLICY own ON private.salary FOR SELECT TO app, "Report Reader" USING (boss = current_user);
                CREATE POLICY "all; of them" ON private.salary TO team_a USING (true) WITH CHECK (amount > 0);
                COMMENT ON POLICY own ON private.salary IS 'their own';
                CREATE TABLE private.locked (id integer);
                INSERT INTO private.locked VALUES (1);
                ALTER TABLE private.locked ENABLE ROW LEVEL SECURITY;
                CREATE VIEW public.careful WITH (security_barrier = true) AS
                    SELECT who FROM private.salary WHERE amount < 1000;
                CREATE VIEW public.checked WITH (security_barrier = true, check_option = cascaded) AS
                    SELECT * FROM private.salary WHERE amount < 5000;
                GRANT SELECT ON public.careful TO PUBLIC;
                GRANT USAGE ON SCHEMA private TO "o'brien", PUBLIC;
                GRANT SELECT (who), REFERENCES (who) ON private.salary TO "o'brien" WITH GRANT OPTION;
                SET ROLE "o'brien";
                GRANT SELECT (who) ON private.salary TO "back\\slash; ""x\""";
                RESET ROLE;
                REVOKE CREATE ON SCHEMA public FROM PUBLIC;
                ALTER DEFAULT PRIVILEGES FOR ROLE app_owner IN SCHEMA private GRANT SELECT ON TABLES TO "Report Reader";
                ALTER DEFAULT PRIVILEGES FOR ROLE app_owner GRANT USAGE ON SEQUENCES TO app WITH GRANT OPTION;
                ALTER DEFAULT PRIVILEGES FOR ROLE app_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
                CREATE TYPE public.guarded AS ENUM ('a');
                REVOKE USAGE ON TYPE public.guarded FROM PUBLIC;
                GRANT USAGE ON TYPE public.guarded TO team_b;
                GRANT USAGE ON LANGUAGE plpgsql TO team_b;
                """);
        byDefault(script);
        systemObjects(script);
        script.since(
                Script.V10,
                "CREATE POLICY narrow ON private.salary AS RESTRICTIVE FOR UPDATE TO app USING (amount < 10)");
        script.since(Script.V15, "CREATE VIEW public.invoked WITH (security_invoker) AS SELECT * FROM private.salary");
        script.since(Script.V15, "GRANT SET ON PARAMETER log_min_duration_statement TO app");
        script.since(Script.V17, "GRANT MAINTAIN ON private.salary TO team_b");
    }

    private static void byDefault(Script script) {
        script.add("""
                ALTER DEFAULT PRIVILEGES FOR ROLE "back\\slash; ""x\""" GRANT ALL ON TYPES TO "Report Reader" WITH GRANT OPTION;
                ALTER DEFAULT PRIVILEGES FOR ROLE app_owner REVOKE ALL ON TABLES FROM app_owner;
                ALTER DEFAULT PRIVILEGES IN SCHEMA private GRANT INSERT ON TABLES TO PUBLIC;
                ALTER DEFAULT PRIVILEGES FOR ROLE app_owner REVOKE USAGE ON TYPES FROM PUBLIC;
                """);
        script.since(Script.V10, "ALTER DEFAULT PRIVILEGES FOR ROLE app_owner GRANT USAGE ON SCHEMAS TO app");
        script.since(Script.V18, "ALTER DEFAULT PRIVILEGES FOR ROLE app_owner GRANT SELECT ON LARGE OBJECTS TO app");
    }

    /** Privileges that differ from those which objects have from initdb or from their extension. */
    private static void systemObjects(Script script) {
        script.add("""
                CREATE TABLE public.owner_barred (id integer);
                REVOKE ALL ON public.owner_barred FROM postgres;
                GRANT SELECT ON public.owner_barred TO app;
                GRANT TRUNCATE, TRIGGER, REFERENCES ON public.owner_barred TO "Report Reader";
                CREATE EXTENSION pg_stat_statements;
                """);
        // Only servers from 9.6 on know which privileges are not of the user's making.
        script.since(Script.V9_6, """
                REVOKE EXECUTE ON FUNCTION pg_catalog.pg_sleep(double precision) FROM PUBLIC;
                GRANT SELECT ON pg_catalog.pg_authid TO auditor;
                GRANT SELECT (rolname) ON pg_catalog.pg_authid TO app;
                REVOKE SELECT ON public.pg_stat_statements FROM PUBLIC;
                GRANT EXECUTE ON FUNCTION pg_catalog.pg_reload_conf() TO "o'brien";
                """);
    }
}
