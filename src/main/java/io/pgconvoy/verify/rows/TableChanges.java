package io.pgconvoy.verify.rows;

import io.pgconvoy.catalog.UserRows;
import io.pgconvoy.journal.Markers.TableRows;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.Sql;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Whether tables still hold what they held at an earlier moment: as many rows, and none from a transaction that had not
 * ended by then. A row that was updated is of a new transaction, a deleted one lacks in the count; freezing a row leaves
 * its xmin readable.
 *
 * @see <a href="https://www.postgresql.org/docs/current/ddl-system-columns.html">System Columns</a>
 */
public final class TableChanges {
    private TableChanges() {}

    /** The present moment, to be asked about later: which transactions have ended ({@code txid_current_snapshot}). */
    public static String now(Session session) {
        return session.doing("asking for the transactions that have ended")
                .text("SELECT txid_current_snapshot()::text")
                .orElseThrow();
    }

    /**
     * Looks at every table, in whatever transaction the session is in.
     *
     * @param moment what {@link #now} said then
     * @param tables with the exact number of rows that they had then
     * @return one line for each that changed, with how
     */
    public static List<String> since(Session session, String moment, List<TableRows> tables) {
        Set<List<String>> whole = partitioned(session);
        List<String> changes = new ArrayList<>();
        for (TableRows table : tables) {
            String only = whole.contains(List.of(table.schema(), table.table())) ? "" : "ONLY ";
            change(session, moment, table, only).ifPresent(changes::add);
        }
        return changes;
    }

    /**
     * As {@link #definitionsSince}, and where there is nothing as {@link #since}: a table that was altered may hold no row at
     * all.
     */
    public static List<String> anySince(Session session, String moment, List<TableRows> tables) {
        List<String> definitions = definitionsSince(session, moment);
        return definitions.isEmpty() ? since(session, moment, tables) : definitions;
    }

    /** Those among which a restore distributes the rows anew were counted as a whole; of their own they have none. */
    private static Set<List<String>> partitioned(Session session) {
        return Set.copyOf(session.doing("looking for partitioned tables")
                .list("""
                SELECT n.nspname, c.relname
                  FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
                 WHERE c.relkind = 'p'
                """, row -> List.of(row.getString(1), row.getString(2))));
    }

    /**
     * Looks for tables that were made or altered and for large objects that were made, all of which {@link #since} does
     * not see.
     *
     * @return one line for each
     */
    public static List<String> definitionsSince(Session session, String moment) {
        String sql = """
                SELECT 'table ' || n.nspname || '.' || c.relname || ' was made or altered'
                  FROM (SELECT * FROM pg_catalog.pg_class WHERE %1$s) AS c
                  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
                 WHERE c.relkind IN ('r', 'p', 'm') AND c.relpersistence <> 't'
                   AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
                   AND n.nspname NOT LIKE 'pgconvoy\\_%%'
                UNION ALL
                SELECT 'large object ' || oid::text || ' was made or altered'
                  FROM pg_catalog.pg_largeobject_metadata WHERE %1$s
                """.formatted(isNewer(moment));
        return session.doing("looking for tables that were made or altered").texts(sql);
    }

    private static Optional<String> change(Session session, String moment, TableRows table, String only) {
        String name = table.schema() + "." + table.table();
        String sql = """
                SELECT pg_catalog.count(*), pg_catalog.count(*) FILTER (WHERE %s) FROM %s%s %s
                """.formatted(
                        isNewer(moment),
                        only,
                        Sql.qualified(table.schema(), table.table()),
                        table.condition().orElse(""));
        Function<Session, Optional<String>> look = transaction -> UserRows.list(
                        transaction, sql, row -> change(name, table, row.getLong(1), row.getLong(2)))
                .get(0);
        Session looking = session.doing("looking for changes in table " + name);
        return looking.isInTransaction() ? look.apply(looking) : looking.rolledBack(look);
    }

    private static Optional<String> change(String name, TableRows table, long rows, long newer) {
        if (newer > 0) {
            return Optional.of("table " + name + " has " + newer + " new or changed rows");
        }
        if (table.rows().filter(then -> then != rows).isPresent()) {
            return Optional.of("table " + name + " had " + table.rows().get() + " rows and has " + rows);
        }
        return Optional.empty();
    }

    /** An SQL condition: the row is from a transaction that began after the moment, or was still going on. */
    private static String isNewer(String moment) {
        String[] parts = moment.split(":", -1);
        String next = Sql.literal(String.valueOf(Long.parseLong(parts[1]) % (1L << 32)));
        String condition = "pg_catalog.age(xmin) <= pg_catalog.age(" + next + "::xid)";
        if (parts[2].isEmpty()) {
            return condition;
        }
        List<String> going = new ArrayList<>();
        for (String one : parts[2].split(",", -1)) {
            going.add(Sql.literal(String.valueOf(Long.parseLong(one) % (1L << 32))));
        }
        return condition + " OR xmin::text IN (" + String.join(", ", going) + ")";
    }
}
