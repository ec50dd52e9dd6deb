package io.pgconvoy.transfer;

import io.pgconvoy.config.ByteSize;
import io.pgconvoy.journal.DeferralMarkers.DeferredTable;
import io.pgconvoy.plan.TableParts;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.Sql;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Asks the source what dumping its deferred tables takes, and cuts them into parts. */
public final class DeferredTableReader {
    /**
     * Types of pg_catalog whose binary form in COPY is the same in every version since 9.5. Not among them: money, whose
     * form depends on the locale; reg* types, which hold OIDs of other objects; xml, whose form declares an encoding.
     */
    private static final List<String> PORTABLE = List.of(
            "bool",
            "char",
            "name",
            "int2",
            "int4",
            "int8",
            "oid",
            "float4",
            "float8",
            "numeric",
            "text",
            "varchar",
            "bpchar",
            "bytea",
            "date",
            "time",
            "timetz",
            "timestamp",
            "timestamptz",
            "interval",
            "uuid",
            "json",
            "jsonb",
            "inet",
            "cidr",
            "macaddr",
            "bit",
            "varbit");

    private DeferredTableReader() {}

    /**
     * Reads tables.
     *
     * @param inSnapshot the transaction in whose snapshot they are dumped, and in which they are locked
     * @param oids of ordinary tables
     * @param partSize about how much of a table's disk space makes a part
     * @return in the order of the OIDs; without those that do not exist
     */
    public static List<PlannedTable> read(Session inSnapshot, List<Long> oids, ByteSize partSize) {
        if (oids.isEmpty()) {
            return List.of();
        }
        return inSnapshot.list(query(inSnapshot.version(), oids), row -> {
            DeferredTable table = new DeferredTable(
                    row.getLong("oid"),
                    row.getString("nspname"),
                    row.getString("relname"),
                    row.getLong("bytes"),
                    row.texts("columns"),
                    row.getBoolean("portable"));
            int parts = TableParts.count(new ByteSize(table.bytes()), partSize);
            return new PlannedTable(
                    table,
                    row.getBoolean("page_ranges")
                            ? pageRanges(row.getLong("pages"), parts)
                            : keyRanges(inSnapshot, table, parts));
        });
    }

    private static String query(ServerVersion version, List<Long> oids) {
        return """
                WITH RECURSIVE plain AS (
                  SELECT t.oid, t.typarray FROM pg_type t
                   WHERE t.typnamespace = 'pg_catalog'::regnamespace AND t.typname = ANY (ARRAY[%s])
                ), portable (oid) AS (
                  SELECT oid FROM plain
                  UNION SELECT typarray FROM plain
                  -- A domain is sent as what it is a domain of.
                  UNION SELECT t.oid FROM portable p JOIN pg_type t ON t.typbasetype = p.oid AND t.typtype = 'd'
                )
                SELECT c.oid, n.nspname, c.relname, pg_table_size(c.oid) AS bytes,
                       pg_relation_size(c.oid) / current_setting('block_size')::bigint AS pages,
                       coalesce(a.columns, '{}') AS columns,
                       -- COPY's own option does not reach texts in binary form: they come in the session's encoding.
                       coalesce(a.portable, false) AND getdatabaseencoding() = 'UTF8'
                         AND current_setting('integer_datetimes') = 'on' AS portable,
                       %s AS page_ranges
                  FROM unnest(ARRAY[%s]::oid[]) WITH ORDINALITY AS wanted (oid, position)
                  JOIN pg_class c ON c.oid = wanted.oid
                  JOIN pg_namespace n ON n.oid = c.relnamespace
                  LEFT JOIN LATERAL (
                    SELECT array_agg(a.attname::text ORDER BY a.attnum) AS columns,
                           bool_and(a.atttypid IN (SELECT oid FROM portable)) AS portable
                      FROM pg_attribute a
                     WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped %s
                  ) a ON true
                 ORDER BY wanted.position
                """.formatted(
                        PORTABLE.stream().map(Sql::literal).collect(Collectors.joining(", ")),
                        // Before 14, a range of ctid is found by reading the whole table. Another access method than
                        // heap need not have pages.
                        version.isAtLeast(ServerVersion.V14)
                                ? "c.relam = (SELECT oid FROM pg_am WHERE amname = 'heap')"
                                : "false",
                        oids.stream().map(String::valueOf).collect(Collectors.joining(", ")),
                        version.isAtLeast(ServerVersion.V12) ? "AND a.attgenerated = ''" : "");
    }

    private static List<String> pageRanges(long pages, int parts) {
        return ranges("ctid", TableParts.pageCuts(pages, parts), page -> "'(" + page + ",0)'::tid");
    }

    private static List<String> keyRanges(Session inSnapshot, DeferredTable table, int parts) {
        if (parts == 1) {
            return List.of();
        }
        // An index's further columns, those it only includes, exist since 11.
        String keyColumns = inSnapshot.version().isAtLeast(ServerVersion.V11) ? "i.indnkeyatts" : "i.indnatts";
        String query = """
                SELECT a.attname, s.histogram_bounds::text::bigint[]
                  FROM pg_index i
                  JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
                  JOIN pg_stats s ON s.schemaname = ? AND s.tablename = ? AND s.attname = a.attname AND NOT s.inherited
                 WHERE i.indrelid = ? AND i.indisunique AND i.indisvalid AND %s = 1
                   AND i.indpred IS NULL AND i.indexprs IS NULL
                   AND a.attnotnull AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
                   AND s.histogram_bounds IS NOT NULL
                 ORDER BY i.indisprimary DESC, i.indexrelid
                 LIMIT 1
                """.formatted(keyColumns);
        return inSnapshot
                .first(
                        query,
                        row -> ranges(
                                Sql.identifier(row.getString(1)),
                                TableParts.keyCuts(row.numbers(2), parts),
                                key -> "'" + key + "'::bigint"),
                        table.schema(),
                        table.name(),
                        table.oid())
                .orElse(List.of());
    }

    /** Conditions for what lies between the cuts; none where there is no cut. */
    private static List<String> ranges(String column, List<Long> cuts, Function<Long, String> literal) {
        List<String> ranges = new ArrayList<>();
        for (int i = 0; i <= cuts.size() && !cuts.isEmpty(); i++) {
            List<String> bounds = new ArrayList<>();
            if (i > 0) {
                bounds.add(column + " >= " + literal.apply(cuts.get(i - 1)));
            }
            if (i < cuts.size()) {
                bounds.add(column + " < " + literal.apply(cuts.get(i)));
            }
            ranges.add(String.join(" AND ", bounds));
        }
        return ranges;
    }
}
