package io.pgconvoy.preflight;

import io.pgconvoy.model.Finding;

/**
 * Foreign servers: they are addresses, or files, as seen from the source's host. Only options that say where something is
 * are shown; others may be secret.
 */
final class ForeignServerCheck extends ObjectCheck {
    @Override
    public String name() {
        return "foreign-servers";
    }

    @Override
    String query(Situation situation) {
        return """
        SELECT format('server %%I (%%s)', s.srvname, array_to_string(w.fdwname::text || ARRAY(
                   SELECT o.option FROM unnest(s.srvoptions) AS o (option)
                    WHERE o.option ~ '^(host|hostaddr|port|dbname|servername|dbserver|server|address)='), ', '))
          FROM pg_foreign_server AS s
          JOIN pg_foreign_data_wrapper AS w ON w.oid = s.srvfdw
         WHERE %s
         ORDER BY s.srvname
        """.formatted(UserObjects.notOfExtension("pg_foreign_server", "s.oid"));
    }

    @Override
    Finding finding(Situation situation) {
        return Finding.note(
                name(),
                "foreign servers arrive with the source's view of where they are",
                "See that the target's host reaches these addresses, and has the files of file_fdw; else ALTER SERVER ..."
                        + " OPTIONS.");
    }
}
