package io.pgconvoy.preflight.database;

import static io.pgconvoy.preflight.QueryCheck.check;

import io.pgconvoy.model.Announced;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.DatabaseCheck;
import io.pgconvoy.preflight.QueryCheck;
import io.pgconvoy.preflight.Sign;
import java.util.List;

/** The checks for objects that pg_dump or pg_restore treats in a special way, each a query and what is said of its rows. */
public final class ObjectChecks {
    private ObjectChecks() {}

    /** What keeps the source's user from dumping a database at all. */
    static List<QueryCheck> unreadable() {
        return List.of(
                // Tables, which pg_dump also locks; materialized views, whose rows are counted.
                // The first refusal makes the dump of the whole database fail.
                check(
                                "readable-tables",
                                "tables, materialized views, sequences and large objects that the source's user may not read")
                        .when(ObjectChecks::byNoSuperuser)
                        .blocks("role {user} may not read these, so that their databases cannot be dumped")
                        .advises(
                                "Connect to the source as a superuser, GRANT SELECT to the role, or pg_read_all_data (14 and"
                                        + " later, not for large objects), or leave the databases out with --exclude-db.")
                        .query("""
                                SELECT format('%s %I.%I', CASE c.relkind WHEN 'S' THEN 'sequence' WHEN 'm' THEN 'materialized view'
                                                          ELSE 'table' END, n.nspname, c.relname)
                                  FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
                                 WHERE c.relkind IN ('r', 'p', 'm', 'S') AND c.relpersistence <> 't'
                                   AND ({dumped} OR EXISTS (SELECT FROM pg_extension AS e WHERE c.oid = ANY (e.extconfig)))
                                   AND NOT (has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'))
                                UNION ALL
                                SELECT format('large object %s', l.oid)
                                  FROM pg_largeobject_metadata AS l
                                 WHERE current_setting('lo_compat_privileges') = 'off' AND NOT pg_has_role(l.lomowner, 'USAGE')
                                   AND NOT EXISTS (SELECT FROM aclexplode(l.lomacl) AS a
                                                    WHERE a.privilege_type = 'SELECT'
                                                      AND CASE a.grantee WHEN 0 THEN true
                                                          ELSE pg_has_role(a.grantee, 'USAGE') END)
                                """),
                // pg_dump asks for an error rather than for a part of the rows (row_security = off).
                // https://www.postgresql.org/docs/current/ddl-rowsecurity.html
                check("row-security", "tables whose row security applies to the source's user")
                        .when(ObjectChecks::byNoSuperuser)
                        .blocks("row security applies to role {user} on these tables, so that it cannot dump all rows")
                        .advises(
                                "Connect to the source as a superuser or as a role with BYPASSRLS, or leave the databases out"
                                        + " with --exclude-db.")
                        .signs(Sign.some("pg_class", "relrowsecurity"))
                        .query("""
                                SELECT format('table %I.%I', n.nspname, c.relname)
                                  FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
                                 WHERE c.relrowsecurity AND c.relkind = 'r'
                                   AND (c.relforcerowsecurity OR NOT pg_has_role(c.relowner, 'USAGE'))
                                   AND NOT EXISTS (SELECT FROM pg_roles AS r
                                                    WHERE r.rolname = session_user AND (r.rolsuper OR r.rolbypassrls))
                                   AND {dumped}
                                 ORDER BY n.nspname, c.relname
                                """));
    }

    /** What arrives otherwise than it is, or not at all. */
    static List<DatabaseCheck> all() {
        return List.of(
                // ALTER TABLE ... DISABLE TRIGGER ALL: pg_dump does not carry that over for a key's own triggers,
                // so that on the target all rows are checked.
                check(
                                Announced.MUTED_FOREIGN_KEYS.check(),
                                "foreign keys that `DISABLE TRIGGER ALL` switched off: they arrive enforced, and fail over rows"
                                        + " that break them")
                        .warns(
                                "foreign keys that are not enforced, because their triggers are disabled, arrive enforced: rows"
                                        + " that break one make it fail")
                        .advises(
                                "ALTER TABLE ... ENABLE TRIGGER ALL does not check the rows that are there: look for those"
                                        + " without a counterpart, or drop the foreign key.")
                        .signs(Sign.some("pg_trigger", "tgenabled = 'D'"))
                        .query("""
                                SELECT DISTINCT format('foreign key %I on table %I.%I', k.conname, n.nspname, c.relname)
                                  FROM pg_trigger AS t
                                  JOIN pg_constraint AS k ON k.oid = t.tgconstraint
                                  JOIN pg_class AS c ON c.oid = k.conrelid
                                  JOIN pg_namespace AS n ON n.oid = c.relnamespace
                                 WHERE t.tgenabled = 'D' AND t.tgisinternal AND k.contype = 'f' AND {dumped}
                                 ORDER BY 1
                                """),
                new InheritedNotNullCheck(),
                // pg_dump leaves them out; those of partitioned tables it writes, as they only wait for a partition's.
                // https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY
                check(
                                Announced.INVALID_INDEXES.check(),
                                "indexes that CREATE INDEX CONCURRENTLY left unfinished, which are not carried over")
                        .warns("invalid indexes are not carried over")
                        .advises("REINDEX INDEX those that are wanted, DROP INDEX the others.")
                        .signs(Sign.some("pg_index", "NOT (indisready AND indisvalid)"))
                        .query("""
                                SELECT format('index %I.%I on table %I', n.nspname, c.relname, t.relname)
                                  FROM pg_index AS i
                                  JOIN pg_class AS c ON c.oid = i.indexrelid
                                  JOIN pg_class AS t ON t.oid = i.indrelid
                                  JOIN pg_namespace AS n ON n.oid = c.relnamespace
                                 WHERE NOT (i.indisready AND (i.indisvalid OR t.relkind = 'p')) AND {dumped}
                                 ORDER BY n.nspname, c.relname
                                """),
                // What the source takes from the publisher's slot after its snapshot never comes to the target.
                // https://www.postgresql.org/docs/current/app-pgdump.html#PG-DUMP-NOTES
                check(
                                Announced.SUBSCRIPTIONS.check(),
                                "subscriptions: they arrive disabled, and without what the source receives after its snapshot;"
                                        + " where the source's user is no superuser they stay behind")
                        .when(ObjectChecks::replicatesLogically)
                        .warns("subscriptions stay behind: pg_dump writes them for superusers only")
                        .advises(
                                "Connect to the source as a superuser, or CREATE SUBSCRIPTION on the target afterwards.")
                        .when(ObjectChecks::byNoSuperuser)
                        .signs(Sign.filled("pg_subscription"))
                        .query(SUBSCRIPTIONS)
                        .warns("subscriptions arrive disabled, and without what the source receives after its snapshot")
                        .advises(
                                "ALTER SUBSCRIPTION ... DISABLE them on the source before the migration begins, so that the"
                                        + " publisher keeps all later changes; afterwards SET (slot_name = NONE) there, and on the target"
                                        + " SET (slot_name = ...), ENABLE and REFRESH PUBLICATION WITH (copy_data = false).")
                        .when(context -> !byNoSuperuser(context))
                        .signs(Sign.filled("pg_subscription"))
                        .query(SUBSCRIPTIONS),
                // pg_dump cannot read their passwords: options are shown to superusers, and to who may use them or owns
                // their server. https://www.postgresql.org/docs/current/view-pg-user-mappings.html
                check("user-mappings", "user mappings whose options the source's user may not read")
                        .when(ObjectChecks::byNoSuperuser)
                        .warns(
                                "user mappings arrive without their options (passwords, say), which the source's user may not"
                                        + " read")
                        .advises("Connect to the source as a superuser, or ALTER USER MAPPING ... OPTIONS on the target"
                                + " afterwards.")
                        .signs(Sign.filled("pg_foreign_server"))
                        .query("""
                                SELECT format('user mapping for %I on server %I', m.usename, m.srvname)
                                  FROM pg_user_mappings AS m JOIN pg_foreign_server AS s ON s.oid = m.srvid
                                 WHERE m.umoptions IS NULL
                                   AND NOT CASE m.umuser WHEN 0 THEN pg_has_role(s.srvowner, 'USAGE')
                                           ELSE m.usename = session_user END
                                 ORDER BY m.srvname, m.usename
                                """),
                // pg_dump reads them like others, but not on a standby, which does not have their rows.
                // https://www.postgresql.org/docs/current/sql-createtable.html#SQL-CREATETABLE-UNLOGGED
                check(
                                "unlogged-tables",
                                "unlogged tables, which arrive with their rows; a blocker where the source is a standby, which"
                                        + " has none")
                        .blocks("unlogged tables cannot be read on a standby, so that pg_dump fails")
                        .advises("Give the primary's address, or ALTER TABLE ... SET LOGGED there.")
                        .when(context -> context.source().status().inRecovery())
                        .signs(Sign.some("pg_class", "relpersistence = 'u'"))
                        .query(UNLOGGED)
                        .notes("unlogged tables arrive with their rows, and unlogged")
                        .advises("As ever, a crash of the target empties them.")
                        .when(context -> !context.source().status().inRecovery())
                        .signs(Sign.some("pg_class", "relpersistence = 'u'"))
                        .query(UNLOGGED),
                check("unvalidated-constraints", "constraints that are NOT VALID, and arrive so")
                        .notes("constraints that are NOT VALID arrive NOT VALID")
                        .advises("ALTER TABLE ... VALIDATE CONSTRAINT checks them, before or after the migration.")
                        .signs(Sign.some("pg_constraint", "NOT convalidated"))
                        .query("""
                                SELECT format('constraint %I on table %I.%I', k.conname, n.nspname, c.relname)
                                  FROM pg_constraint AS k
                                  JOIN pg_class AS c ON c.oid = k.conrelid
                                  JOIN pg_namespace AS n ON n.oid = c.relnamespace
                                 WHERE NOT k.convalidated AND {dumped}
                                UNION ALL
                                SELECT format('constraint %I on domain %I.%I', k.conname, n.nspname, t.typname)
                                  FROM pg_constraint AS k
                                  JOIN pg_type AS t ON t.oid = k.contypid
                                  JOIN pg_namespace AS n ON n.oid = t.typnamespace
                                 WHERE NOT k.convalidated AND {own pg_type t.oid}
                                 ORDER BY 1
                                """),
                check("disabled-triggers", "triggers, event triggers and rules that are disabled, and arrive so")
                        .notes("triggers and rules that are disabled arrive disabled")
                        .advises("See that none of them was meant to be enabled again.")
                        .signs(
                                Sign.some("pg_trigger", "tgenabled = 'D'"),
                                Sign.some("pg_rewrite", "ev_enabled = 'D'"),
                                Sign.filled("pg_event_trigger"))
                        .query("""
                                SELECT format('trigger %I on %I.%I', t.tgname, n.nspname, c.relname)
                                  FROM pg_trigger AS t
                                  JOIN pg_class AS c ON c.oid = t.tgrelid
                                  JOIN pg_namespace AS n ON n.oid = c.relnamespace
                                 WHERE t.tgenabled = 'D' AND NOT t.tgisinternal AND {dumped}
                                UNION ALL
                                SELECT format('rule %I on %I.%I', r.rulename, n.nspname, c.relname)
                                  FROM pg_rewrite AS r
                                  JOIN pg_class AS c ON c.oid = r.ev_class
                                  JOIN pg_namespace AS n ON n.oid = c.relnamespace
                                 WHERE r.ev_enabled = 'D' AND {dumped}
                                UNION ALL
                                SELECT format('event trigger %I', e.evtname) FROM pg_event_trigger AS e
                                 WHERE e.evtenabled = 'D' AND {own pg_event_trigger e.oid}
                                 ORDER BY 1
                                """),
                check("publications", "publications, whose subscribers go on asking the source")
                        .when(ObjectChecks::replicatesLogically)
                        .notes("publications arrive, but their subscribers go on asking the source")
                        .advises(
                                "Have the target send logical changes (wal_level = logical), and point the subscribers at it:"
                                        + " ALTER SUBSCRIPTION ... CONNECTION.")
                        .signs(Sign.filled("pg_publication"))
                        .query("""
                                SELECT format('publication %I', p.pubname)
                                  FROM pg_publication AS p WHERE {own pg_publication p.oid} ORDER BY 1
                                """),
                // They are addresses, or files, as seen from the source's host. Only options that say where something
                // is are shown; others may be secret.
                check("foreign-servers", "foreign servers, with the addresses they hold")
                        .notes("foreign servers arrive with the source's view of where they are")
                        .advises(
                                "See that the target's host reaches these addresses, and has the files of file_fdw; else ALTER"
                                        + " SERVER ... OPTIONS.")
                        .signs(Sign.filled("pg_foreign_server"))
                        .query("""
                                SELECT format('server %I (%s)', s.srvname, array_to_string(w.fdwname::text || ARRAY(
                                           SELECT o.option FROM unnest(s.srvoptions) AS o (option)
                                            WHERE o.option ~ '^(host|hostaddr|port|dbname|servername|dbserver|server|address)='), ', '))
                                  FROM pg_foreign_server AS s
                                  JOIN pg_foreign_data_wrapper AS w ON w.oid = s.srvfdw
                                 WHERE {own pg_foreign_server s.oid}
                                 ORDER BY s.srvname
                                """));
    }

    private static final String SUBSCRIPTIONS = """
            SELECT format('subscription %I', s.subname)
              FROM pg_subscription AS s
             WHERE s.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
             ORDER BY 1
            """;

    private static final String UNLOGGED = """
            SELECT format('table %I.%I', n.nspname, c.relname)
              FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
             WHERE c.relpersistence = 'u' AND c.relkind = 'r' AND {dumped}
             ORDER BY n.nspname, c.relname
            """;

    private static boolean byNoSuperuser(CheckContext context) {
        return !context.source().status().superuser();
    }

    private static boolean replicatesLogically(CheckContext context) {
        return context.source().version().isAtLeast(ServerVersion.V10);
    }
}
