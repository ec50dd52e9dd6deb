package io.pgconvoy.preflight;

import io.pgconvoy.model.Finding;

/**
 * What the source's user may not read: tables, which pg_dump also locks, materialized views, whose rows are counted,
 * sequences and large objects. The first refusal makes the dump of the whole database fail.
 */
final class ReadableTableCheck extends ObjectCheck {
    @Override
    public String name() {
        return "readable-tables";
    }

    @Override
    boolean applies(Situation situation) {
        return !situation.source().status().superuser();
    }

    @Override
    String query(Situation situation) {
        return """
        SELECT format('%%s %%I.%%I', CASE c.relkind WHEN 'S' THEN 'sequence' WHEN 'm' THEN 'materialized view' ELSE 'table' END, n.nspname, c.relname)
          FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
         WHERE c.relkind IN ('r', 'p', 'm', 'S') AND c.relpersistence <> 't'
           AND (%s OR EXISTS (SELECT FROM pg_extension AS e WHERE c.oid = ANY (e.extconfig)))
           AND NOT (has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'))
        UNION ALL
        SELECT format('large object %%s', l.oid)
          FROM pg_largeobject_metadata AS l
         WHERE current_setting('lo_compat_privileges') = 'off' AND NOT pg_has_role(l.lomowner, 'USAGE')
           AND NOT EXISTS (SELECT FROM aclexplode(l.lomacl) AS a
                            WHERE a.privilege_type = 'SELECT'
                              AND CASE a.grantee WHEN 0 THEN true ELSE pg_has_role(a.grantee, 'USAGE') END)
        """.formatted(UserObjects.RELATION);
    }

    @Override
    Finding finding(Situation situation) {
        return Finding.blocker(
                name(),
                "role " + situation.source().status().user() + " may not read these, so that their databases cannot be"
                        + " dumped",
                "Connect to the source as a superuser, GRANT SELECT to the role, or pg_read_all_data (14 and later, not for large objects), or leave"
                        + " the databases out with --exclude-db.");
    }
}
