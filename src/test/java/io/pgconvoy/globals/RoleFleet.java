package io.pgconvoy.globals;

import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.Quote;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Roles of every kind, and queries that show all that a server knows of them. */
final class RoleFleet {
    static final String HOSTILE_COMMENT = "x';\nALTER ROLE app SUPERUSER;\n-- \\ {d '1'} ? $$";
    static final String WEIRD_NAME = "We\"ird;\n'ro\\le' {x} ü ?";
    static final String SCRAM = "SCRAM-SHA-256$4096:bm90IHNvIHJhbmRvbSE=$J0x0mtgkCZwhx5O3GpvYQfRfkGY4y4YSNAHcPFkL1zM=:"
            + "ZHVtbXlkdW1teWR1bW15ZHVtbXlkdW1teWR1bW15ISE=";
    static final String MD5 = "md59df270ebe8dbf6dc0a2b8ab5b8da45bd";

    /** Everything about roles but the one that initdb made. */
    static final String ROLES = """
            SELECT concat_ws('|', rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin,
                             rolreplication, rolbypassrls, rolconnlimit, coalesce(rolpassword, '-'),
                             coalesce((rolvaliduntil AT TIME ZONE 'UTC')::text, '-'),
                             shobj_description(oid, 'pg_authid'))
            FROM pg_authid WHERE oid >= 16384 ORDER BY rolname
            """;

    static final String MEMBERSHIPS = """
            SELECT concat_ws(' in ', pg_get_userbyid(member), pg_get_userbyid(roleid), bool_or(admin_option))
            FROM pg_auth_members WHERE roleid >= 16384 OR member >= 16384 GROUP BY member, roleid ORDER BY 1
            """;

    static final String SETTINGS = """
            SELECT concat_ws('|', setrole::regrole, setconfig)
            FROM pg_db_role_setting WHERE setdatabase = 0 ORDER BY setrole::regrole::text
            """;

    private RoleFleet() {}

    static void load(EmbeddedServer server) throws SQLException {
        boolean old = server.version().startsWith("9.");
        server.sql(
                "postgres",
                "CREATE ROLE app LOGIN PASSWORD '" + (old ? MD5 : SCRAM)
                        + "' CONNECTION LIMIT 5 VALID UNTIL '2031-02-03 04:05:06+02'",
                "COMMENT ON ROLE app IS " + Quote.literal(HOSTILE_COMMENT),
                "CREATE ROLE owner CREATEDB CREATEROLE LOGIN PASSWORD '" + MD5 + "'",
                "CREATE ROLE readers NOINHERIT VALID UNTIL 'infinity'",
                "CREATE ROLE ancient LOGIN VALID UNTIL '-infinity' CONNECTION LIMIT 0",
                "CREATE ROLE dba SUPERUSER BYPASSRLS REPLICATION LOGIN VALID UNTIL '0044-03-15 00:00:00+00 BC'",
                "CREATE ROLE \"Select\"",
                "CREATE ROLE " + weird() + " LOGIN",
                "COMMENT ON ROLE " + weird() + " IS " + Quote.literal(HOSTILE_COMMENT),
                "GRANT readers TO app WITH ADMIN OPTION",
                "GRANT readers TO \"Select\"",
                "GRANT \"Select\" TO " + weird(),
                "GRANT owner TO postgres",
                "SET ROLE app; GRANT readers TO ancient; RESET ROLE",
                "ALTER ROLE app SET search_path = \"$user\", public, \"a, b\", \"q\"\"uote\"",
                "ALTER ROLE app SET work_mem = '16MB'",
                "ALTER ROLE app SET DateStyle = 'SQL, DMY'",
                "ALTER ROLE app SET \"my.motto\" = " + Quote.literal("it's; \"so\" \\ ?"),
                "ALTER ROLE " + weird() + " SET search_path = ''",
                "ALTER ROLE " + weird() + " SET \"TimeZone\" = 'Europe/Zurich'",
                "ALTER ROLE ALL SET log_min_duration_statement = '10min'");
    }

    static String weird() {
        return Quote.identifier(WEIRD_NAME);
    }

    static List<String> everything(EmbeddedServer server) throws SQLException {
        List<String> everything = new ArrayList<>(server.column("postgres", ROLES));
        everything.addAll(server.column("postgres", MEMBERSHIPS));
        return everything;
    }
}
