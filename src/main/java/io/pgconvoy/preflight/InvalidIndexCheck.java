package io.pgconvoy.preflight;

import io.pgconvoy.catalog.Announced;
import io.pgconvoy.model.Finding;

/**
 * Indexes that a CREATE INDEX CONCURRENTLY left unfinished. pg_dump leaves them out; those of partitioned tables it writes,
 * as they only wait for a partition's.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY">Building
 *     Indexes Concurrently</a>
 */
final class InvalidIndexCheck extends ObjectCheck {
    @Override
    public String name() {
        return Announced.INVALID_INDEXES.check();
    }

    @Override
    String query(Situation situation) {
        return """
        SELECT format('index %%I.%%I on table %%I', n.nspname, c.relname, t.relname)
          FROM pg_index AS i
          JOIN pg_class AS c ON c.oid = i.indexrelid
          JOIN pg_class AS t ON t.oid = i.indrelid
          JOIN pg_namespace AS n ON n.oid = c.relnamespace
         WHERE NOT (i.indisready AND (i.indisvalid OR t.relkind = 'p')) AND %s
         ORDER BY n.nspname, c.relname
        """.formatted(UserObjects.RELATION);
    }

    @Override
    Finding finding(Situation situation) {
        return Finding.warning(
                name(),
                "invalid indexes are not carried over",
                "REINDEX INDEX those that are wanted, DROP INDEX the others.");
    }
}
