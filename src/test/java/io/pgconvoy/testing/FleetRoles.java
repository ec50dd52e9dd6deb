package io.pgconvoy.testing;

import java.util.List;

/** The fleet's roles: attributes, passwords, memberships, comments and settings. */
final class FleetRoles {
    /** Text that becomes a command when somebody cuts a script at its semicolons. */
    static final String HOSTILE_COMMENT = "harmless';\nALTER ROLE app SUPERUSER;\n-- \\ \"quoted\" $$ %s ü";

    static final List<String> NAMES = List.of(
            "app_owner",
            "app",
            "Report Reader",
            "auditor",
            "replicator",
            "dba",
            "old hash",
            "o'brien",
            "back\\slash; \"x\"",
            "rôle",
            "team_a",
            "team_b",
            "nobody_yet");

    private FleetRoles() {}

    static void create(Script script) {
        script.add("""
                CREATE ROLE app_owner LOGIN CREATEDB CREATEROLE PASSWORD 'owner''s secret';
                CREATE ROLE app LOGIN PASSWORD 'a;b "c" d' CONNECTION LIMIT 50 VALID UNTIL '2031-01-01 00:00:00+00';
                CREATE ROLE "Report Reader" NOLOGIN NOINHERIT;
                CREATE ROLE auditor LOGIN BYPASSRLS VALID UNTIL 'infinity';
                CREATE ROLE replicator LOGIN REPLICATION CONNECTION LIMIT 2 PASSWORD NULL;
                CREATE ROLE dba SUPERUSER LOGIN PASSWORD 'dba';
                CREATE ROLE "old hash" LOGIN PASSWORD 'md59df270ebe8dbf6dc0a2b8ab5b8da45bd';
                CREATE ROLE "o'brien" CONNECTION LIMIT 0;
                CREATE ROLE "back\\slash; ""x\""" LOGIN;
                CREATE ROLE "rôle" LOGIN VALID UNTIL '1999-12-31 23:59:59+00';
                CREATE ROLE team_a;
                CREATE ROLE team_b;
                CREATE ROLE nobody_yet;
                """);
        for (String role : List.of("app", "Report Reader", "back\\slash; \"x\"")) {
            script.add("COMMENT ON ROLE " + Quote.identifier(role) + " IS " + Quote.literal(HOSTILE_COMMENT));
        }
        memberships(script);
        settings(script);
    }

    private static void memberships(Script script) {
        script.add("""
                GRANT team_a TO app WITH ADMIN OPTION;
                GRANT team_a, "Report Reader" TO "o'brien";
                GRANT app_owner TO dba;
                GRANT "Report Reader" TO auditor WITH ADMIN OPTION;
                GRANT team_b TO team_a;
                SET ROLE app;
                GRANT team_a TO "rôle";
                RESET ROLE;
                """);
        // A grantor without the right to grant, which servers from 16 on do not accept.
        script.before(Script.V16, "GRANT team_b TO auditor GRANTED BY app_owner");
        script.since(Script.V10, "GRANT pg_monitor TO auditor");
        script.since(Script.V16, """
                GRANT team_b TO app WITH INHERIT FALSE, SET FALSE;
                GRANT team_b TO "old hash" WITH INHERIT TRUE, SET FALSE, ADMIN TRUE;
                """);
    }

    private static void settings(Script script) {
        script.add("""
                ALTER ROLE app SET search_path = "$user", public, "Weird Schema", "comma, inside";
                ALTER ROLE app SET work_mem = '16MB';
                ALTER ROLE app SET "app.motto" = 'it''s; "quoted" \\ ';
                ALTER ROLE auditor SET default_transaction_read_only = on;
                ALTER ROLE auditor SET DateStyle = 'SQL, DMY';
                ALTER ROLE "back\\slash; ""x\""" SET search_path = '';
                ALTER ROLE ALL SET log_min_duration_statement = '10min';
                """);
        script.before(Script.V12, "ALTER ROLE app SET default_with_oids = off");
    }

    /** Settings of a role in one database, once that database is there. */
    static void settingsInDatabase(Script script, String quotedDatabase) {
        script.add("ALTER ROLE app IN DATABASE " + quotedDatabase + " SET statement_timeout = '30s'");
        script.add("ALTER ROLE \"Report Reader\" IN DATABASE " + quotedDatabase
                + " SET search_path = \"Weird Schema\", public");
    }
}
