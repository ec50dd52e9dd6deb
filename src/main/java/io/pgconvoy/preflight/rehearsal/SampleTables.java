package io.pgconvoy.preflight.rehearsal;

import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.Sql;
import java.util.List;
import java.util.stream.Collectors;

/** Which tables' rows make a restore evaluate something, and which materialized views it fills. */
final class SampleTables {
    private static final int ROWS = 100;

    /** A row of more bytes, as it is stored, is left out of a sample. */
    private static final int ROW_BYTES = 65536;

    /** Relations that pg_dump writes: no extension's, not the system's. */
    private static final String OURS = """
            n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
            AND NOT EXISTS (SELECT FROM pg_depend e
                             WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')""";

    /** Below tables partitioned by an enum's hash, which is another one on the target: pg_dump has the rows routed anew. */
    private static final String ROUTED = """
            WITH RECURSIVE below (relation) AS (
                SELECT partrelid FROM pg_partitioned_table
                 WHERE (SELECT o.oid FROM pg_opclass o JOIN pg_am m ON m.oid = o.opcmethod
                         WHERE o.opcname = 'enum_ops' AND m.amname = 'hash'
                           AND o.opcnamespace = 'pg_catalog'::regnamespace) = ANY (partclass)
                UNION
                SELECT i.inhrelid FROM below b JOIN pg_inherits i ON i.inhparent = b.relation)
            SELECT relation FROM below""";

    private SampleTables() {}

    /**
     * A table whose rows are sampled.
     *
     * @param columns those that a COPY holds
     * @param variable those of them that may be large
     * @param statistics whether ANALYZE evaluates expressions for it
     */
    record Table(String schema, String name, List<String> columns, List<String> variable, boolean statistics) {
        String sqlName() {
            return Sql.qualified(schema, name);
        }

        /** Its OID in a query. */
        String sqlOid() {
            return Sql.literal(sqlName()) + "::pg_catalog.regclass";
        }

        /** For people. */
        String label() {
            return "table " + schema + "." + name;
        }

        String copyOut(String encoding) {
            String small = variable.isEmpty()
                    ? ""
                    : variable.stream()
                            .map(column -> "coalesce(pg_column_size(" + Sql.identifier(column) + "), 0)")
                            .collect(Collectors.joining(" + ", " WHERE ", " <= " + ROW_BYTES));
            return "COPY (SELECT " + Sql.identifiers(columns) + " FROM ONLY " + sqlName() + small + " LIMIT " + ROWS
                    + ") TO STDOUT (ENCODING " + Sql.literal(encoding) + ")";
        }

        String copyIn(String encoding) {
            return "COPY " + sqlName() + " (" + Sql.identifiers(columns) + ") FROM STDIN (ENCODING "
                    + Sql.literal(encoding) + ")";
        }
    }

    /** A materialized view that has rows on the source. */
    record View(String schema, String name) {
        String sqlName() {
            return Sql.qualified(schema, name);
        }

        /** For people. */
        String label() {
            return "materialized view " + schema + "." + name;
        }
    }

    /** Tables with constraints, expressions, domains or operator classes of users, partitions, what materialized views show. */
    static List<Table> tables(Session session) {
        ServerVersion version = session.version();
        String copied = version.isAtLeast(ServerVersion.V12) ? " AND a.attgenerated = ''" : "";
        String statistics = version.isAtLeast(ServerVersion.V14)
                ? "EXISTS (SELECT FROM pg_statistic_ext s WHERE s.stxrelid = c.oid AND s.stxexprs IS NOT NULL)"
                : "false";
        String elsewhere = version.isAtLeast(ServerVersion.V11) ? "AND c.oid NOT IN (" + ROUTED + ")" : "";
        String evaluated = (version.isAtLeast(ServerVersion.V12)
                        ? " OR EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attgenerated <> '')"
                        : "")
                + (version.isAtLeast(ServerVersion.V10) ? " OR c.relispartition" : "")
                + " OR " + statistics;
        return session.list(
                """
                WITH RECURSIVE shown AS (%s)
                SELECT n.nspname, c.relname,
                       ARRAY(SELECT a.attname::text FROM pg_attribute a
                              WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped %s ORDER BY a.attnum),
                       ARRAY(SELECT a.attname::text FROM pg_attribute a
                              WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attlen = -1 %s),
                       %s
                  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND %s %s
                   AND (c.oid IN (SELECT relation FROM shown)
                        OR EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'c')
                        OR EXISTS (SELECT FROM pg_index i
                                    WHERE i.indrelid = c.oid
                                      AND (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL
                                           OR EXISTS (SELECT FROM unnest(i.indclass::oid[]) AS o (class)
                                                       WHERE o.class >= 16384)))
                        OR EXISTS (SELECT FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
                                    WHERE a.attrelid = c.oid AND a.attnum > 0 AND t.typtype = 'd')
                        %s)
                 ORDER BY n.nspname, c.relname
                """.formatted(shown(), copied, copied, statistics, OURS, elsewhere, evaluated),
                row -> new Table(row.getString(1), row.getString(2), row.texts(3), row.texts(4), row.getBoolean(5)));
    }

    /** Those that can be filled from tables, in the order in which they were made. */
    static List<View> views(Session session) {
        return session.list("""
                WITH RECURSIVE shown AS (%s)
                SELECT n.nspname, c.relname
                  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE c.relkind = 'm' AND c.relispopulated AND %s
                   AND NOT EXISTS (SELECT FROM shown s JOIN pg_class f ON f.oid = s.relation
                                    WHERE s.view = c.oid AND f.relkind = 'f')
                 ORDER BY c.oid
                """.formatted(shown(), OURS), row -> new View(row.getString(1), row.getString(2)));
    }

    /** By each materialized view what it shows, also by way of views, and those tables' children. */
    private static String shown() {
        return """
        SELECT c.oid AS view, c.oid AS relation FROM pg_class c WHERE c.relkind = 'm' AND c.relispopulated
        UNION
        SELECT s.view, used.relation
          FROM shown s
         CROSS JOIN LATERAL (
               SELECT d.refobjid
                 FROM pg_rewrite r JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
                WHERE r.ev_class = s.relation AND d.refclassid = 'pg_class'::regclass
               UNION ALL
               SELECT i.inhrelid FROM pg_inherits i WHERE i.inhparent = s.relation
              ) AS used (relation)""";
    }
}
