package io.pgconvoy.catalog;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import java.util.List;

/** Which tables a database has. */
public final class TableCatalog {
    private TableCatalog() {}

    /**
     * All relations whose rows pg_dump carries over, by schema and name. Not among them: those that an extension owns
     * and makes again itself, but for its configuration tables; temporary tables; partitioned parents, which hold no
     * rows, but for those above {@link RoutedPartitions}.
     *
     * @see <a href="https://www.postgresql.org/docs/current/extend-extensions.html#EXTEND-EXTENSIONS-CONFIG-TABLES">Extension
     *     configuration tables</a>
     */
    public static List<TableInfo> tables(Session session) {
        // 0 before 14 and -1 since then: never vacuumed nor analyzed; 0 may also be an empty table, which has no pages.
        String known = session.version().isAtLeast(ServerVersion.V14)
                ? "c.reltuples >= 0"
                : "c.reltuples > 0 OR c.relpages = 0";
        String sql = """
                SELECT c.oid, n.nspname, c.relname,
                       c.relpages::bigint * current_setting('block_size')::bigint,
                       CASE WHEN %s THEN c.reltuples::bigint END,
                       x.condition, c.relkind = 'm'
                  FROM pg_class c
                  JOIN pg_namespace n ON n.oid = c.relnamespace
                  LEFT JOIN (SELECT u.relation, u.condition
                               FROM pg_extension e,
                                    unnest(e.extconfig, e.extcondition) AS u (relation, condition)) x
                         ON x.relation = c.oid
                 WHERE (c.relkind = 'r' OR c.relkind = 'm' AND c.relispopulated)
                   AND c.relpersistence <> 't'
                   AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
                   AND (x.relation IS NOT NULL
                        OR NOT EXISTS (SELECT FROM pg_depend d
                                        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'))
                 ORDER BY 2, 3
                """.formatted(known);
        List<TableInfo> tables = session.list(
                sql,
                row -> new TableInfo(
                        row.getLong(1),
                        row.getString(2),
                        row.getString(3),
                        row.getLong(4),
                        row.number(5),
                        row.text(6).map(String::strip).filter(text -> !text.isEmpty()),
                        false,
                        row.getBoolean(7)));
        return RoutedPartitions.read(session).merge(tables);
    }

    /** Whether there is a schema named public, which a user may have dropped. */
    public static boolean hasPublicSchema(Session session) {
        return session.flag("SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'public')");
    }

    /** The same as {@link #holdsUserObjects(Session)}, in a session of its own. */
    public static boolean holdsUserObjects(Server server, DatabaseName database) {
        try (Session session = server.session(database, "looking for user objects")) {
            return holdsUserObjects(session);
        }
    }

    /** Whether a database holds anything that its user made: the sign that even postgres or template1 matters. */
    public static boolean holdsUserObjects(Session session) {
        String sql = """
                SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                                WHERE n.nspname <> 'information_schema' AND n.nspname !~ '^pg_')
                    OR EXISTS (SELECT FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
                                WHERE n.nspname <> 'information_schema' AND n.nspname !~ '^pg_')
                    OR EXISTS (SELECT FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
                                WHERE n.nspname <> 'information_schema' AND n.nspname !~ '^pg_')
                    OR EXISTS (SELECT FROM pg_extension WHERE extname <> 'plpgsql')
                    OR EXISTS (SELECT FROM pg_namespace WHERE nspname NOT IN ('public', 'information_schema')
                                  AND nspname !~ '^pg_')
                    OR EXISTS (SELECT FROM pg_largeobject_metadata)
                    OR EXISTS (SELECT FROM pg_event_trigger)
                    OR EXISTS (SELECT FROM pg_foreign_data_wrapper)
                    OR EXISTS (SELECT FROM pg_default_acl)
                    OR EXISTS (SELECT FROM pg_cast WHERE oid >= 16384)
                """;
        String replication = """
                    OR EXISTS (SELECT FROM pg_publication)
                    OR EXISTS (SELECT FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid
                                WHERE d.datname = current_database())
                """;
        return session.flag(session.version().isAtLeast(ServerVersion.V10) ? sql + replication : sql);
    }
}
