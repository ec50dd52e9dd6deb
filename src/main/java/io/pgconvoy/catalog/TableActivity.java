package io.pgconvoy.catalog;

import io.pgconvoy.postgres.Session;
import java.util.List;

/**
 * How many rows of a table were ever written, as the server's statistics count them: rolled back ones too, and with a delay of
 * a second or so.
 *
 * @param oid the table's
 * @see <a href="https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ALL-TABLES-VIEW">
 *     pg_stat_all_tables</a>
 */
public record TableActivity(long oid, String schema, String table, long inserted, long updated, long deleted) {
    /** All tables of the database that were ever written to since its statistics began. */
    public static List<TableActivity> list(Session session) {
        // Asked as pg_stat_user_tables asks, which also sums up all indexes of each table.
        String sql = """
                SELECT c.oid, n.nspname, c.relname, a.inserted, a.updated, a.deleted
                  FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
                 CROSS JOIN LATERAL (SELECT pg_catalog.pg_stat_get_tuples_inserted(c.oid) AS inserted,
                                            pg_catalog.pg_stat_get_tuples_updated(c.oid) AS updated,
                                            pg_catalog.pg_stat_get_tuples_deleted(c.oid) AS deleted) AS a
                 WHERE c.relkind IN ('r', 't', 'm', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
                   AND n.nspname !~ '^pg_toast' AND (a.inserted > 0 OR a.updated > 0 OR a.deleted > 0)
                 ORDER BY n.nspname, c.relname
                """;
        return session.list(
                sql,
                row -> new TableActivity(
                        row.getLong(1),
                        row.getString(2),
                        row.getString(3),
                        row.getLong(4),
                        row.getLong(5),
                        row.getLong(6)));
    }

    /** What was written since an earlier look; negative where the statistics were reset in between. */
    public TableActivity since(TableActivity earlier) {
        return new TableActivity(
                oid, schema, table, inserted - earlier.inserted, updated - earlier.updated, deleted - earlier.deleted);
    }

    /** How many rows in all. */
    public long written() {
        return inserted + updated + deleted;
    }
}
