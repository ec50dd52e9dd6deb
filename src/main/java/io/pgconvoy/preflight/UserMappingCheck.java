package io.pgconvoy.preflight;

import io.pgconvoy.model.Finding;

/**
 * User mappings whose passwords pg_dump cannot read: their options are shown to superusers, and to who may use them
 * or owns their server.
 *
 * @see <a href="https://www.postgresql.org/docs/current/view-pg-user-mappings.html">pg_user_mappings</a>
 */
final class UserMappingCheck extends ObjectCheck {
    @Override
    public String name() {
        return "user-mappings";
    }

    @Override
    boolean applies(Situation situation) {
        return !situation.source().status().superuser();
    }

    @Override
    String query(Situation situation) {
        return """
        SELECT format('user mapping for %I on server %I', m.usename, m.srvname)
          FROM pg_user_mappings AS m JOIN pg_foreign_server AS s ON s.oid = m.srvid
         WHERE m.umoptions IS NULL
           AND NOT CASE m.umuser WHEN 0 THEN pg_has_role(s.srvowner, 'USAGE') ELSE m.usename = session_user END
         ORDER BY m.srvname, m.usename
        """;
    }

    @Override
    Finding finding(Situation situation) {
        return Finding.warning(
                name(),
                "user mappings arrive without their options (passwords, say), which the source's user may not read",
                "Connect to the source as a superuser, or ALTER USER MAPPING ... OPTIONS on the target afterwards.");
    }
}
