package io.pgconvoy.catalog;

import io.pgconvoy.postgres.Transaction;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Asks for the rows of users' tables.
 *
 * <p>The planner looks at every index and every extended statistics of a table, and puts the body of an SQL function that
 * they call in its place. A body that finds its functions by search_path alone, such as earthdistance's {@code
 * ll_to_earth}, fails under the path of our sessions, which is {@code pg_catalog}, although the query does not need it.
 * Then it is planned once more under a path of all schemas, and run under ours: names mean the same, values print the
 * same.
 */
public final class UserRows {
    private static final AtomicLong CURSORS = new AtomicLong();
    private static final String SAVEPOINT = "pgconvoy_rows";
    private static final String OUR_PATH = "search_path = pg_catalog";

    /** A statement, or a COPY, that the planner sees. */
    @FunctionalInterface
    public interface Planned<T> {
        T run() throws SQLException;
    }

    private UserRows() {}

    /**
     * Runs a query.
     *
     * @param statement in a transaction
     */
    public static ResultSet query(Statement statement, String sql) throws SQLException {
        return planned(statement, () -> statement.executeQuery(sql), () -> {
            String cursor = SAVEPOINT + "_" + CURSORS.incrementAndGet();
            // A cursor is planned here, and its rows are made there.
            statement.execute("DECLARE " + cursor + " NO SCROLL CURSOR FOR " + sql);
            statement.execute("SET LOCAL " + OUR_PATH);
            return statement.executeQuery("FETCH ALL FROM " + cursor);
        });
    }

    /**
     * Runs what no cursor can.
     *
     * @param statement in a transaction
     * @param widely the same once more, with {@link #inOurPath()} among its conditions, so that its rows are made under our
     *     path
     */
    public static <T> T planned(Statement statement, Planned<T> usually, Planned<T> widely) throws SQLException {
        statement.execute("SAVEPOINT " + SAVEPOINT);
        try {
            return usually.run();
        } catch (SQLException failure) {
            if (!isAboutNames(failure)) {
                throw failure;
            }
            statement.execute("ROLLBACK TO SAVEPOINT " + SAVEPOINT);
            try {
                statement.execute("SET LOCAL search_path = " + allSchemas(statement));
                return widely.run();
            } catch (SQLException again) {
                failure.addSuppressed(again);
                throw failure;
            }
        }
    }

    /** Has ANALYZE, which evaluates the expressions, find their functions. From 17 on it has a path of its own. */
    public static void analyze(Statement statement, String quotedTable) throws SQLException {
        String sql = "ANALYZE " + quotedTable;
        try {
            statement.execute(sql);
        } catch (SQLException failure) {
            if (!isAboutNames(failure)) {
                throw failure;
            }
            try (Transaction.Undo ours = () -> statement.execute("SET " + OUR_PATH)) {
                statement.execute("SET search_path = " + allSchemas(statement));
                statement.execute(sql);
            } catch (SQLException again) {
                failure.addSuppressed(again);
                throw failure;
            }
        }
    }

    /** A condition, always true, that takes our path before the first row is made. */
    public static String inOurPath() {
        return "(SELECT pg_catalog.set_config('search_path', 'pg_catalog', true)) IS NOT NULL";
    }

    /** Class 42 is syntax and names; a missing privilege is in it, too, and no matter of the path. */
    private static boolean isAboutNames(SQLException failure) {
        String state = failure.getSQLState();
        return state != null && state.startsWith("42") && !state.equals("42501");
    }

    private static String allSchemas(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("""
                SELECT pg_catalog.string_agg(pg_catalog.quote_ident(nspname), ', ' ORDER BY nspname <> 'public', nspname)
                  FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_'
                """)) {
            row.next();
            return row.getString(1);
        }
    }
}
