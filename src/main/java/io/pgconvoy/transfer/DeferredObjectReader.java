package io.pgconvoy.transfer;

import io.pgconvoy.journal.DeferralMarkers.Deferred;
import io.pgconvoy.journal.DeferralMarkers.DeferredConstraint;
import io.pgconvoy.journal.DeferralMarkers.DeferredForeignKey;
import io.pgconvoy.journal.DeferralMarkers.DeferredIndex;
import io.pgconvoy.journal.DeferralMarkers.DeferredTable;
import io.pgconvoy.journal.DeferralMarkers.DeferredTrigger;
import io.pgconvoy.postgres.Row;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.Sql;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Finds in the source's catalogs what stands around deferred tables, as the dump's snapshot sees it. */
public final class DeferredObjectReader {
    /**
     * The deferred tables, the tables that they are partitions of, at any depth, and in {@code ancestor} also those that
     * they inherit from.
     */
    private static final String RELATIONS = """
            WITH RECURSIVE deferred (oid) AS (SELECT unnest(?::pg_catalog.int8[])::pg_catalog.oid),
            affected (oid) AS (
                SELECT oid FROM deferred
                UNION
                SELECT c.oid
                  FROM affected a
                  JOIN pg_catalog.pg_inherits i ON i.inhrelid = a.oid
                  JOIN pg_catalog.pg_class c ON c.oid = i.inhparent AND c.relkind = 'p'),
            ancestor (oid) AS (
                SELECT oid FROM deferred
                UNION
                SELECT i.inhparent FROM ancestor a JOIN pg_catalog.pg_inherits i ON i.inhrelid = a.oid)
            """;

    private final Session source;
    private final Long[] tables;

    private DeferredObjectReader(Session source, List<DeferredTable> tables) {
        this.source = source;
        this.tables = tables.stream().map(DeferredTable::oid).toArray(Long[]::new);
    }

    /**
     * Reads what cannot come with everything else: indexes, but those of constraints; foreign keys from or to a deferred
     * table, or a partitioned table above one; constraints that are NOT VALID; populated materialized views that show
     * deferred tables; triggers that fire under {@code session_replication_role = replica} too.
     *
     * @param inSnapshot in a transaction; for its remainder, all identifiers in definitions are quoted
     * @param encoding the database's
     * @param tables ordinary ones and leaf partitions
     */
    public static Deferred read(Session inSnapshot, String encoding, List<DeferredTable> tables) {
        String database = inSnapshot.database().value();
        if (tables.isEmpty()) {
            return new Deferred(database, encoding, tables, List.of(), List.of(), List.of(), List.of(), List.of());
        }
        DeferredObjectReader reader = of(inSnapshot, tables);
        return new Deferred(
                database,
                encoding,
                tables,
                reader.indexes(),
                reader.foreignKeys(),
                reader.constraints(),
                reader.materializedViews(),
                reader.triggers());
    }

    /**
     * Reads the valid foreign keys that tables have, but for those of partitioned ones.
     *
     * @param inSnapshot as for {@link #read}
     */
    public static List<DeferredForeignKey> foreignKeys(Session inSnapshot, List<DeferredTable> tables) {
        Set<String> own = tables.stream()
                .map(table -> Sql.qualified(table.schema(), table.name()))
                .collect(Collectors.toSet());
        return of(inSnapshot, tables).foreignKeys().stream()
                .filter(key -> key.validated() && own.contains(Sql.qualified(key.schema(), key.table())))
                .toList();
    }

    private static DeferredObjectReader of(Session inSnapshot, List<DeferredTable> tables) {
        // A word that is a keyword only in the newer version must not break its CREATE INDEX.
        inSnapshot.execute("SET LOCAL quote_all_identifiers = on; SET LOCAL search_path = pg_catalog");
        return new DeferredObjectReader(inSnapshot, tables);
    }

    private List<DeferredIndex> indexes() {
        IndexProperties properties = IndexProperties.read(source, tables);
        String sql = RELATIONS + """
                SELECT c.oid, x.indrelid, n.nspname, c.relname, pg_catalog.pg_relation_size(c.oid),
                       pg_catalog.pg_get_indexdef(c.oid), s.spcname
                  FROM deferred d
                  JOIN pg_catalog.pg_index x ON x.indrelid = d.oid
                  JOIN pg_catalog.pg_class c ON c.oid = x.indexrelid
                  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                  LEFT JOIN pg_catalog.pg_tablespace s ON s.oid = c.reltablespace
                 WHERE x.indisvalid AND x.indisready
                   AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k
                                    WHERE k.conindid = c.oid AND k.contype IN ('p', 'u', 'x'))
                 ORDER BY 5 DESC, 3, 4
                """;
        return query(
                sql,
                row -> new DeferredIndex(
                        row.getLong(1),
                        row.getLong(2),
                        row.getString(3),
                        row.getString(4),
                        row.getLong(5),
                        row.getString(6),
                        row.text(7),
                        properties.of(row.getLong(1))));
    }

    private List<DeferredForeignKey> foreignKeys() {
        // A partition's copy of its parent's key comes and goes with that; before 11 there are no such copies.
        String topLevel = source.version().isAtLeast(ServerVersion.V11) ? "k.conparentid = 0" : "true";
        String sql = RELATIONS + """
                SELECT k.oid, n.nspname, c.relname, k.conname, c.relkind = 'p',
                       pg_catalog.pg_get_constraintdef(k.oid), k.convalidated
                  FROM pg_catalog.pg_constraint k
                  JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
                  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                 WHERE k.contype = 'f' AND %s
                   AND (k.conrelid IN (SELECT oid FROM affected) OR k.confrelid IN (SELECT oid FROM affected))
                 ORDER BY 2, 3, 4
                """.formatted(topLevel);
        return query(
                sql,
                row -> new DeferredForeignKey(
                        row.getLong(1),
                        row.getString(2),
                        row.getString(3),
                        row.getString(4),
                        row.getBoolean(5),
                        row.getString(6),
                        row.getBoolean(7)));
    }

    /** A domain's may be violated by any table's rows. */
    private List<DeferredConstraint> constraints() {
        String sql = RELATIONS + """
                SELECT k.oid, n.nspname, coalesce(c.relname, t.typname), k.conname, k.contypid <> 0
                  FROM pg_catalog.pg_constraint k
                  LEFT JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
                  LEFT JOIN pg_catalog.pg_type t ON t.oid = k.contypid
                  JOIN pg_catalog.pg_namespace n ON n.oid = coalesce(c.relnamespace, t.typnamespace)
                 WHERE k.contype IN ('c', 'n') AND NOT k.convalidated
                   AND (k.contypid <> 0 OR k.conrelid IN (SELECT oid FROM ancestor))
                 ORDER BY 2, 3, 4
                """;
        return query(
                sql,
                row -> new DeferredConstraint(
                        row.getLong(1), row.getString(2), row.getString(3), row.getString(4), row.getBoolean(5)));
    }

    /**
     * By way of views and of functions. What a function reads is known only where the server has analyzed its body; any
     * other one of a user's may read a deferred table.
     */
    private List<Long> materializedViews() {
        String sql = RELATIONS
                + """
                , reads (read_class, read_object, class, object) AS (
                    SELECT d.refclassid, d.refobjid, 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid,
                           r.ev_class
                      FROM pg_catalog.pg_depend d
                      JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid AND r.ev_type = '1'
                      JOIN pg_catalog.pg_class c ON c.oid = r.ev_class AND c.relkind IN ('v', 'm')
                     WHERE d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
                    UNION ALL
                    SELECT d.refclassid, d.refobjid, d.classid, d.objid
                      FROM pg_catalog.pg_depend d
                     WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
                       AND d.refclassid IN ('pg_catalog.pg_proc'::pg_catalog.regclass,
                                            'pg_catalog.pg_class'::pg_catalog.regclass)),
                shows (class, object) AS (
                    (SELECT 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid, oid FROM ancestor
                     UNION ALL
                     SELECT 'pg_catalog.pg_proc'::pg_catalog.regclass::pg_catalog.oid, p.oid
                       FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_language l ON l.oid = p.prolang
                      WHERE l.lanname NOT IN ('internal', 'c') AND p.pronamespace <> 'pg_catalog'::pg_catalog.regnamespace
                        AND %s
                        AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
                                         WHERE e.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
                                           AND e.objid = p.oid AND e.deptype = 'e'))
                    UNION
                    SELECT r.class, r.object
                      FROM shows s JOIN reads r ON r.read_class = s.class AND r.read_object = s.object)
                SELECT c.oid
                  FROM shows s JOIN pg_catalog.pg_class c ON c.oid = s.object
                 WHERE s.class = 'pg_catalog.pg_class'::pg_catalog.regclass
                   AND c.relkind = 'm' AND c.relispopulated
                 ORDER BY 1
                """.formatted(source.version().isAtLeast(ServerVersion.V14) ? "p.prosqlbody IS NULL" : "true");
        return query(sql, row -> row.getLong(1));
    }

    private List<DeferredTrigger> triggers() {
        // From 11 to 14 a partition's copy of its parent's trigger counts as internal; those of constraints name these.
        String sql = RELATIONS + """
                SELECT t.tgrelid, t.tgname, t.tgenabled
                  FROM deferred d JOIN pg_catalog.pg_trigger t ON t.tgrelid = d.oid
                 WHERE t.tgenabled IN ('A', 'R') AND (NOT t.tgisinternal OR t.tgconstraint = 0)
                 ORDER BY 1, 2
                """;
        return query(sql, row -> new DeferredTrigger(row.getLong(1), row.getString(2), row.getString(3)));
    }

    private <T> List<T> query(String sql, Function<Row, T> reader) {
        return source.list(sql, reader, (Object) tables);
    }
}
