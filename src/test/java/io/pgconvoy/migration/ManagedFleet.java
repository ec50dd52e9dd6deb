package io.pgconvoy.migration;

import io.pgconvoy.testing.EmbeddedServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * Servers as the managed services offer them, and what their users have there: the superuser that initdb made is the
 * service's ({@code rdsadmin}), its customer is {@code admin}, who may create roles and databases. The tests themselves
 * look in as {@code postgres}.
 */
final class ManagedFleet {
    static final String ADMIN = "admin";

    private ManagedFleet() {}

    /** Makes a new server one of these. */
    static void takeOver(EmbeddedServer server) throws SQLException {
        server.sql("postgres", "CREATE ROLE founder SUPERUSER LOGIN");
        try (Connection connection = server.connect("postgres", "founder", "");
                Statement statement = connection.createStatement()) {
            // A session cannot rename its own role.
            statement.execute("ALTER ROLE postgres RENAME TO rdsadmin");
            statement.execute("CREATE ROLE postgres SUPERUSER LOGIN");
        }
        server.sql("postgres", "DROP ROLE founder", "CREATE ROLE admin LOGIN CREATEROLE CREATEDB");
    }

    /** What a customer is given besides on a new target. */
    static void endow(EmbeddedServer target) throws SQLException {
        target.sql(
                "postgres",
                "GRANT pg_monitor, pg_signal_backend, pg_checkpoint TO admin WITH ADMIN OPTION",
                "CREATE ROLE rds_superuser",
                "GRANT rds_superuser TO admin",
                "CREATE ROLE theirs LOGIN PASSWORD 'theirs' CONNECTION LIMIT 3",
                "COMMENT ON ROLE theirs IS 'was here before'");
    }

    /** Loads the source; admin may read all of it but the table and the large object of {@link #open}. */
    static void load(EmbeddedServer source) throws SQLException {
        source.sql(
                "postgres",
                "ALTER ROLE admin BYPASSRLS",
                "CREATE ROLE app_owner LOGIN PASSWORD 'secret'",
                "CREATE ROLE writer LOGIN CONNECTION LIMIT 5",
                "CREATE ROLE reader NOLOGIN",
                "CREATE ROLE \"o'dd \"\"one\"\"\" LOGIN",
                "CREATE ROLE boss SUPERUSER LOGIN PASSWORD 'secret'",
                "CREATE ROLE copier REPLICATION LOGIN",
                "CREATE ROLE theirs LOGIN CONNECTION LIMIT 9",
                "CREATE ROLE auditor BYPASSRLS LOGIN",
                "GRANT app_owner, writer TO admin",
                "GRANT reader TO writer WITH ADMIN OPTION",
                "ALTER ROLE writer SET work_mem = '3MB'",
                "ALTER ROLE writer SET log_statement = 'none'",
                "CREATE DATABASE shop OWNER app_owner",
                "CREATE DATABASE \"their's\" OWNER theirs",
                "CREATE DATABASE remote OWNER app_owner",
                "CREATE DATABASE rdsadmin",
                "REVOKE CONNECT ON DATABASE rdsadmin FROM PUBLIC");
        source.sql("shop", """
                CREATE EXTENSION citext;
                SET ROLE app_owner;
                CREATE SCHEMA "o'dd ""schema"";";
                CREATE TABLE "o'dd ""schema"";".customer (id serial PRIMARY KEY, name text);
                INSERT INTO "o'dd ""schema"";".customer (name) SELECT 'c' || i FROM generate_series(1, 1000) i;
                CREATE TABLE "o'dd ""schema"";".orders (id integer PRIMARY KEY,
                    customer integer REFERENCES "o'dd ""schema"";".customer, email text);
                INSERT INTO "o'dd ""schema"";".orders SELECT i, i % 1000 + 1, 'x' FROM generate_series(1, 3000) i;
                CREATE VIEW "o'dd ""schema"";".recent AS SELECT * FROM "o'dd ""schema"";".orders WHERE id > 2900;
                CREATE FUNCTION "o'dd ""schema"";".twice(integer) RETURNS integer LANGUAGE sql AS 'SELECT $1 * 2';
                REVOKE ALL ON FUNCTION "o'dd ""schema"";".twice(integer) FROM PUBLIC;
                GRANT USAGE ON SCHEMA "o'dd ""schema"";" TO reader, writer, admin;
                GRANT SELECT ON "o'dd ""schema"";".orders TO reader WITH GRANT OPTION;
                GRANT UPDATE (email) ON "o'dd ""schema"";".orders TO writer;
                ALTER DEFAULT PRIVILEGES FOR ROLE app_owner GRANT SELECT ON TABLES TO reader;
                CREATE TABLE "o'dd ""schema"";".shut AS SELECT i FROM generate_series(1, 70) i;
                REVOKE INSERT, TRUNCATE ON "o'dd ""schema"";".shut FROM app_owner;
                CREATE MATERIALIZED VIEW "o'dd ""schema"";".total AS SELECT sum(i) FROM "o'dd ""schema"";".shut;
                CREATE TABLE "o'dd ""schema"";".secret (who text);
                INSERT INTO "o'dd ""schema"";".secret SELECT 'w' || i FROM generate_series(1, 50) i;
                ALTER TABLE "o'dd ""schema"";".secret ENABLE ROW LEVEL SECURITY;
                ALTER TABLE "o'dd ""schema"";".secret FORCE ROW LEVEL SECURITY;
                CREATE POLICY own ON "o'dd ""schema"";".secret USING (who = current_user);
                SELECT lo_from_bytea(700001, 'content');
                GRANT SELECT ON LARGE OBJECT 700001 TO reader;
                RESET ROLE;
                SET ROLE reader;
                GRANT SELECT ON "o'dd ""schema"";".orders TO "o'dd ""one""\";
                RESET ROLE;
                CREATE TABLE "o'dd ""schema"";".note (t text);
                INSERT INTO "o'dd ""schema"";".note VALUES ('n');
                ALTER TABLE "o'dd ""schema"";".note OWNER TO writer;
                CREATE TABLE public.of_theirs (i integer);
                INSERT INTO public.of_theirs SELECT generate_series(1, 20);
                ALTER TABLE public.of_theirs OWNER TO theirs;
                SELECT lo_from_bytea(700002, 'hidden');
                ALTER LARGE OBJECT 700002 OWNER TO theirs;
                ALTER DEFAULT PRIVILEGES FOR ROLE theirs GRANT SELECT ON TABLES TO reader;
                GRANT USAGE ON LANGUAGE plpgsql TO reader;
                CREATE FUNCTION public.noticed() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
                ALTER FUNCTION public.noticed() OWNER TO app_owner;
                CREATE EVENT TRIGGER "no; tice" ON ddl_command_end EXECUTE PROCEDURE public.noticed();
                """);
        if (!source.version().startsWith("9.")) {
            source.sql("shop", "CREATE PUBLICATION everything FOR ALL TABLES");
            source.sql(
                    "shop",
                    "CREATE SUBSCRIPTION incoming CONNECTION 'host=nowhere.invalid password=secret' PUBLICATION x WITH"
                            + " (connect = false, slot_name = NONE)");
        }
        source.sql("remote", """
                CREATE EXTENSION postgres_fdw;
                SET ROLE app_owner;
                CREATE TABLE public.t AS SELECT generate_series(1, 10) AS i;
                """);
    }

    /** Lets admin read what it still may not. */
    static void open(EmbeddedServer source) throws SQLException {
        source.sql("shop", "GRANT SELECT ON public.of_theirs TO admin", "GRANT SELECT ON LARGE OBJECT 700002 TO admin");
    }

    /** Everything about roles and memberships that a migration may not have changed, were it to end here. */
    static List<String> roles(EmbeddedServer server, String condition) throws SQLException {
        return server.column("postgres", """
                SELECT a.rolname || ' ' || a.rolsuper || a.rolinherit || a.rolcreaterole || a.rolcreatedb || a.rolcanlogin
                       || a.rolreplication || a.rolbypassrls || a.rolconnlimit || COALESCE(a.rolpassword, '-')
                       || COALESCE(shobj_description(a.oid, 'pg_authid'), '-')
                       || COALESCE((SELECT string_agg(pg_get_userbyid(m.roleid) || ' by ' || pg_get_userbyid(m.grantor)
                                                      || m.admin_option || m.inherit_option || m.set_option, ', '
                                                      ORDER BY pg_get_userbyid(m.roleid), m.grantor)
                                      FROM pg_auth_members m WHERE m.member = a.oid AND (%s)), '')
                  FROM pg_authid a
                 WHERE a.rolname IN ('rdsadmin', 'postgres', 'admin', 'rds_superuser', 'theirs') OR a.rolname LIKE 'pg\\_%%'
                 ORDER BY 1
                """.formatted(condition));
    }
}
