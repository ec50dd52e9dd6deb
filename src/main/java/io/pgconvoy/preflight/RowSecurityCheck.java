package io.pgconvoy.preflight;

import io.pgconvoy.model.Finding;

/**
 * Tables whose row security would hide rows from the source's user. pg_dump asks for an error in that case rather than for
 * a part of the rows (row_security = off).
 *
 * @see <a href="https://www.postgresql.org/docs/current/ddl-rowsecurity.html">Row Security Policies</a>
 */
final class RowSecurityCheck extends ObjectCheck {
    @Override
    public String name() {
        return "row-security";
    }

    @Override
    boolean applies(Situation situation) {
        return !situation.source().status().superuser();
    }

    @Override
    String query(Situation situation) {
        return """
        SELECT format('table %%I.%%I', n.nspname, c.relname)
          FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
         WHERE c.relrowsecurity AND c.relkind = 'r'
           AND (c.relforcerowsecurity OR NOT pg_has_role(c.relowner, 'USAGE'))
           AND NOT EXISTS (SELECT FROM pg_roles AS r WHERE r.rolname = session_user AND (r.rolsuper OR r.rolbypassrls))
           AND %s
         ORDER BY n.nspname, c.relname
        """.formatted(UserObjects.RELATION);
    }

    @Override
    Finding finding(Situation situation) {
        return Finding.blocker(
                name(),
                "row security applies to role " + situation.source().status().user()
                        + " on these tables, so that it cannot dump all rows",
                "Connect to the source as a superuser or as a role with BYPASSRLS, or leave the databases out with"
                        + " --exclude-db.");
    }
}
