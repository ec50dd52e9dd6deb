package io.pgconvoy.catalog;

import io.pgconvoy.postgres.Row;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.SqlFailure;
import io.pgconvoy.postgres.SqlState;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;

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

    private UserRows() {}

    /**
     * Runs a query.
     *
     * @param session in a transaction
     */
    public static <T> List<T> list(Session session, String sql, Function<Row, T> reader) {
        return planned(session, () -> session.list(sql, reader), () -> {
            String cursor = SAVEPOINT + "_" + CURSORS.incrementAndGet();
            // A cursor is planned here, and its rows are made there.
            session.execute("DECLARE " + cursor + " NO SCROLL CURSOR FOR " + sql);
            session.execute("SET LOCAL " + OUR_PATH);
            return session.list("FETCH ALL FROM " + cursor, reader);
        });
    }

    /**
     * Runs what no cursor can.
     *
     * @param session in a transaction
     * @param widely the same once more, with {@link #inOurPath()} among its conditions, so that its rows are made under our
     *     path
     */
    public static <T> T planned(Session session, Supplier<T> usually, Supplier<T> widely) {
        session.execute("SAVEPOINT " + SAVEPOINT);
        try {
            return usually.get();
        } catch (SqlFailure failure) {
            return again(failure, () -> {
                session.execute("ROLLBACK TO SAVEPOINT " + SAVEPOINT);
                session.execute("SET LOCAL search_path = " + allSchemas(session));
                return widely.get();
            });
        }
    }

    /** Has ANALYZE, which evaluates the expressions, find their functions. From 17 on it has a path of its own. */
    public static void analyze(Session session, String quotedTable) {
        String sql = "ANALYZE " + quotedTable;
        try {
            session.execute(sql);
        } catch (SqlFailure failure) {
            again(failure, () -> {
                try (Session.Undo ours = session.atTheEnd("SET " + OUR_PATH)) {
                    session.execute("SET search_path = " + allSchemas(session));
                    return session.execute(sql);
                }
            });
        }
    }

    /** A condition, always true, that takes our path before the first row is made. */
    public static String inOurPath() {
        return "(SELECT pg_catalog.set_config('search_path', 'pg_catalog', true)) IS NOT NULL";
    }

    /** Where names were not found; what fails then is no better a reason, unless it passes. */
    private static <T> T again(SqlFailure failure, Supplier<T> widely) {
        // Class 42 is syntax and names; a missing privilege is in it, too, and no matter of the path.
        if (!failure.state().startsWith("42") || SqlState.isPrivilege(failure)) {
            throw failure;
        }
        try {
            return widely.get();
        } catch (SqlFailure further) {
            // A lost session is the better reason: with another one it may work.
            SqlFailure better = SqlState.isTransient(further) ? further : failure;
            better.addSuppressed(better == failure ? further : failure);
            throw better;
        }
    }

    private static String allSchemas(Session session) {
        return session.text("""
                SELECT pg_catalog.string_agg(pg_catalog.quote_ident(nspname), ', ' ORDER BY nspname <> 'public', nspname)
                  FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_'
                """).orElse("pg_catalog");
    }
}
