package io.pgconvoy.verify;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.postgres.Cancellation;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Sql;
import io.pgconvoy.postgres.SqlState;
import io.pgconvoy.postgres.Transaction;
import io.pgconvoy.verify.Comparison.TableDifference;
import io.pgconvoy.verify.inventory.Names;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Judges materialized views whose rows differ. A restore refreshes them, so that the target's has the rows of today, and the
 * source's those of its last refresh. So the target's is held against its own query: where it has what that gives, it is the
 * source's that is stale, which is worth a word and no more. Where it has not, rows are missing, whatever the source has.
 *
 * <p>The query runs on the target alone, as the view's owner, and only for views that differ.
 */
public final class StaleViews {
    private final Server target;
    private final Cancellation cancellation;

    public StaleViews(Server target, Cancellation cancellation) {
        this.target = target;
        this.cancellation = cancellation;
    }

    /**
     * What came of it.
     *
     * @param differing what is left of the tables that differ
     * @param warnings one line for each view that is stale on the source
     */
    public record Verdict(List<TableDifference> differing, List<String> warnings) {
        public Verdict {
            differing = List.copyOf(differing);
            warnings = List.copyOf(warnings);
        }
    }

    private record View(String owner, boolean populated, String query) {}

    /** Rows, and a sum over their texts. */
    private record Rows(long number, String sum) {}

    /**
     * Looks at those tables that are materialized views on the target.
     *
     * @throws PgconvoyException of the target's kind where it cannot be asked
     */
    public Verdict judge(DatabaseName database, List<TableDifference> differing) {
        if (differing.isEmpty()) {
            return new Verdict(List.of(), List.of());
        }
        List<TableDifference> left = new ArrayList<>();
        List<String> warnings = new ArrayList<>();
        try (Connection connection = target.open(database);
                var registration = cancellation.breaksOff(connection)) {
            for (TableDifference table : differing) {
                Optional<View> view = view(connection, table);
                if (view.isEmpty()) {
                    left.add(table);
                } else {
                    judge(connection, view.get(), table, left, warnings);
                }
            }
            return new Verdict(left, warnings);
        } catch (SQLException failure) {
            cancellation.check();
            throw target.failure(database, "looking for stale materialized views", failure);
        }
    }

    private void judge(
            Connection connection, View view, TableDifference table, List<TableDifference> left, List<String> warnings)
            throws SQLException {
        if (!view.populated()) {
            // Which the inventory tells as well.
            left.add(new TableDifference(
                    table.schema(),
                    table.table(),
                    "is a materialized view that is not populated on the target",
                    false));
            return;
        }
        Rows stored;
        Rows fresh;
        try {
            stored = Transaction.rolledBack(
                    connection, statement -> rows(statement, "TABLE " + Sql.qualified(table.schema(), table.table())));
            fresh = Transaction.rolledBack(connection, statement -> {
                statement.execute("SET TRANSACTION READ ONLY");
                statement.execute("SET LOCAL row_security = on");
                statement.execute("SET LOCAL ROLE " + Sql.identifier(view.owner()));
                return rows(statement, view.query());
            });
        } catch (SQLException failure) {
            cancellation.check();
            if (SqlState.isTransient(failure)) {
                throw failure;
            }
            left.add(new TableDifference(
                    table.schema(),
                    table.table(),
                    table.what() + " (whether it is stale is not known, as its query fails there: "
                            + failure.getMessage().lines().findFirst().orElse("") + ")",
                    true));
            return;
        }
        String name = "materialized view " + Names.printed(table.schema(), table.table());
        if (stored.number() != fresh.number()) {
            left.add(new TableDifference(
                    table.schema(),
                    table.table(),
                    table.what() + ", and its query gives " + fresh.number() + " there",
                    true));
        } else if (table.what().startsWith("has the same number")) {
            warnings.add(name + " has other contents than on the source, "
                    + (stored.equals(fresh)
                            ? "where it is stale: on the target it is as its query gives them"
                            : "and depends on when or by whom it is refreshed; its " + stored.number()
                                    + " rows are as many as its query gives"));
        } else {
            warnings.add(name + " is stale on the source: it " + table.what() + ", where it is refreshed");
        }
    }

    private static Rows rows(Statement statement, String query) throws SQLException {
        try (ResultSet row = statement.executeQuery("""
                SELECT pg_catalog.count(*),
                       pg_catalog.sum(('x' || pg_catalog.left(pg_catalog.md5(q::pg_catalog.text), 8))::pg_catalog.bit(32)
                                      ::pg_catalog.int8)::pg_catalog.text
                  FROM (%s) AS q
                """.formatted(query))) {
            row.next();
            return new Rows(row.getLong(1), String.valueOf(row.getString(2)));
        }
    }

    private static Optional<View> view(Connection connection, TableDifference table) throws SQLException {
        try (var query = connection.prepareStatement("""
                SELECT r.rolname, c.relispopulated, pg_catalog.pg_get_viewdef(c.oid)
                  FROM pg_catalog.pg_class c
                  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                  JOIN pg_catalog.pg_roles r ON r.oid = c.relowner
                 WHERE c.relkind = 'm' AND n.nspname = ? AND c.relname = ?
                """)) {
            query.setString(1, table.schema());
            query.setString(2, table.table());
            try (ResultSet row = query.executeQuery()) {
                if (!row.next()) {
                    return Optional.empty();
                }
                String text = row.getString(3).strip();
                return Optional.of(new View(
                        row.getString(1),
                        row.getBoolean(2),
                        text.endsWith(";") ? text.substring(0, text.length() - 1) : text));
            }
        }
    }
}
