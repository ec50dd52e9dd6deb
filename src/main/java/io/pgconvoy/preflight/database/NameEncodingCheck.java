package io.pgconvoy.preflight.database;

import io.pgconvoy.config.RawText;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.postgres.RawEncoding;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.DatabaseCheck;
import io.pgconvoy.preflight.SourceDatabase;
import java.util.List;

/**
 * Databases of encoding SQL_ASCII that hold names which are no UTF-8, and no PL/pgSQL: without that nobody could ask for
 * them.
 */
public final class NameEncodingCheck extends DatabaseCheck {
    private static final String NAMES = """
            SELECT DISTINCT o.kind || ' "' || o.name || '"'
              FROM (SELECT 'schema', n.oid, n.nspname FROM pg_namespace AS n
                    UNION ALL
                    SELECT CASE c.relkind WHEN 'S' THEN 'sequence' WHEN 'v' THEN 'view' ELSE 'table' END,
                           c.relnamespace, c.relname
                      FROM pg_class AS c WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
                    UNION ALL
                    SELECT 'column', c.relnamespace, a.attname
                      FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
                     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped
                   ) AS o (kind, namespace, name)
              JOIN pg_namespace AS n ON n.oid = o.namespace
             WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
             ORDER BY 1
            """;

    public NameEncodingCheck() {
        super(
                "name-encodings",
                "blocker",
                "schemas, tables and columns in databases of encoding SQL_ASCII whose names are no"
                        + " UTF-8, where PL/pgSQL is missing: nothing else can ask for them");
    }

    @Override
    public List<Finding> run(CheckContext context, SourceDatabase database) {
        if (!RawEncoding.isNeeded(database.session())
                || database.session()
                        .flag("SELECT EXISTS (SELECT FROM pg_language AS l WHERE l.lanname = 'plpgsql'"
                                + " AND has_language_privilege(l.oid, 'USAGE'))")) {
            return List.of();
        }
        List<Place> places = database.places(NAMES, row -> row.text(1).filter(RawText::isRaw));
        return found(blocker(
                        "names in databases of encoding SQL_ASCII are not in UTF-8, so that only PL/pgSQL can ask"
                                + " for them, which is not there or not for this user",
                        "CREATE EXTENSION plpgsql in the database, or rename them, or leave the database out with"
                                + " --exclude-db and move it with pg_dump and pg_restore.")
                .at(places));
    }
}
