package io.pgconvoy.verify.rows;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.Sql;
import io.pgconvoy.postgres.SqlFailure;
import io.pgconvoy.postgres.SqlState;
import io.pgconvoy.verify.inventory.Names;
import io.pgconvoy.verify.rows.Comparison.TableDifference;
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

    public StaleViews(Server target) {
        this.target = target;
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
        try (Session session = target.session(database, "looking for stale materialized views")) {
            for (TableDifference table : differing) {
                Optional<View> view = view(session, table);
                if (view.isEmpty()) {
                    left.add(table);
                } else {
                    judge(session, view.get(), table, left, warnings);
                }
            }
            return new Verdict(left, warnings);
        }
    }

    private static void judge(
            Session session, View view, TableDifference table, List<TableDifference> left, List<String> warnings) {
        if (!view.populated()) {
            // Which the inventory tells as well.
            left.add(other(table, "is a materialized view that is not populated on the target", false));
            return;
        }
        Rows stored;
        Rows fresh;
        try {
            stored = session.rolledBack(
                    transaction -> rows(transaction, "TABLE " + Sql.qualified(table.schema(), table.table())));
            fresh = session.rolledBack(transaction -> {
                transaction.execute("SET TRANSACTION READ ONLY; SET LOCAL row_security = on; SET LOCAL ROLE "
                        + Sql.identifier(view.owner()));
                return rows(transaction, view.query());
            });
        } catch (SqlFailure failure) {
            if (SqlState.isTransient(failure)) {
                throw failure;
            }
            left.add(other(
                    table,
                    table.what() + " (whether it is stale is not known, as its query fails there: " + failure.reason()
                            + ")",
                    true));
            return;
        }
        String name = "materialized view " + Names.printed(table.schema(), table.table());
        if (stored.number() != fresh.number()) {
            left.add(other(table, table.what() + ", and its query gives " + fresh.number() + " there", true));
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

    private static TableDifference other(TableDifference table, String what, boolean contents) {
        return new TableDifference(table.schema(), table.table(), what, contents);
    }

    private static Rows rows(Session session, String query) {
        return session.first("""
                SELECT pg_catalog.count(*),
                       pg_catalog.sum(('x' || pg_catalog.left(pg_catalog.md5(q::pg_catalog.text), 8))::pg_catalog.bit(32)
                                      ::pg_catalog.int8)::pg_catalog.text
                  FROM (%s) AS q
                """.formatted(query), row -> new Rows(row.getLong(1), String.valueOf(row.getString(2))))
                .orElseThrow();
    }

    private static Optional<View> view(Session session, TableDifference table) {
        return session.first(
                """
                SELECT r.rolname, c.relispopulated, pg_catalog.pg_get_viewdef(c.oid)
                  FROM pg_catalog.pg_class c
                  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                  JOIN pg_catalog.pg_roles r ON r.oid = c.relowner
                 WHERE c.relkind = 'm' AND n.nspname = ? AND c.relname = ?
                """,
                row -> {
                    String text = row.getString(3).strip();
                    return new View(
                            row.getString(1),
                            row.getBoolean(2),
                            text.endsWith(";") ? text.substring(0, text.length() - 1) : text);
                },
                table.schema(),
                table.table());
    }
}
