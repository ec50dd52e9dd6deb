package io.pgconvoy.preflight.database;

import io.pgconvoy.model.Announced;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.Sql;
import io.pgconvoy.postgres.SqlFailure;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.DatabaseCheck;
import io.pgconvoy.preflight.Sign;
import io.pgconvoy.preflight.SourceDatabase;
import java.util.ArrayList;
import java.util.List;

/**
 * Columns that may be null in a child table and not in its parent, which was possible before 18: ALTER TABLE child ... DROP
 * NOT NULL, or ALTER TABLE ONLY parent ... SET NOT NULL. A child is restored with INHERITS and so inherits NOT NULL; rows
 * that hold a null do not load.
 */
public final class InheritedNotNullCheck extends DatabaseCheck {
    private record Column(String schema, String table, String name, String label) {}

    public InheritedNotNullCheck() {
        super(
                Announced.INHERITED_NOT_NULL.check(),
                "blocker\\*, warning",
                "columns that are NOT NULL in a parent table and not in its child (before 18), which"
                        + " arrive NOT NULL, with a warning afterwards: a blocker where rows of the child hold a"
                        + " null");
    }

    @Override
    public List<Sign> signs(CheckContext context) {
        return List.of(Sign.filled("pg_inherits"));
    }

    @Override
    public List<Finding> run(CheckContext context, SourceDatabase database) {
        if (database.version().isAtLeast(ServerVersion.V18)) {
            return List.of();
        }
        List<Column> columns = database.list(
                """
                WITH RECURSIVE line (child, ancestor) AS (
                    SELECT inhrelid, inhparent FROM pg_inherits
                    UNION
                    SELECT l.child, i.inhparent FROM line AS l JOIN pg_inherits AS i ON i.inhrelid = l.ancestor
                )
                SELECT DISTINCT n.nspname, c.relname, a.attname,
                       format('column %I of table %I.%I', a.attname, n.nspname, c.relname)
                  FROM line AS l
                  JOIN pg_attribute AS p ON p.attrelid = l.ancestor AND p.attnum > 0 AND NOT p.attisdropped
                  JOIN pg_attribute AS a ON a.attrelid = l.child AND a.attname = p.attname
                  JOIN pg_class AS c ON c.oid = l.child
                  JOIN pg_namespace AS n ON n.oid = c.relnamespace
                 WHERE p.attnotnull AND NOT a.attnotnull AND c.relkind = 'r' AND c.relpersistence <> 't' AND {dumped}
                 ORDER BY 1, 2, 3
                """, row -> new Column(row.getString(1), row.getString(2), row.getString(3), row.getString(4)));
        List<Place> failing = new ArrayList<>();
        List<Place> others = new ArrayList<>();
        for (Column column : columns) {
            (holdsNull(database.session(), column) ? failing : others).add(database.place(column.label()));
        }
        return onSource(
                refused(
                                context,
                                "rows hold a null in columns of child tables that are NOT NULL in the parent: a child arrives"
                                        + " NOT NULL, too, and its rows do not load",
                                "On the source, give these rows a value, or ALTER TABLE the parent ALTER ... DROP NOT NULL.")
                        .at(failing),
                warning(
                                "columns of child tables that may be null, though they are NOT NULL in the parent, arrive NOT"
                                        + " NULL",
                                "To have both alike, on the source ALTER TABLE the child ALTER ... SET NOT NULL, or DROP NOT"
                                        + " NULL in the parent.")
                        .at(others));
    }

    /** Looks for a short time only; where that does not suffice, there is no null among what was seen. */
    private static boolean holdsNull(Session session, Column column) {
        try (var patient = session.atTheEnd("SET statement_timeout = 0; SET lock_timeout = 0")) {
            session.execute("SET statement_timeout = '3s'; SET lock_timeout = '1s'");
            try {
                return session.flag("SELECT EXISTS (SELECT FROM ONLY " + Sql.qualified(column.schema(), column.table())
                        + " WHERE " + Sql.identifier(column.name()) + " IS NULL)");
            } catch (SqlFailure unreadable) {
                return false;
            }
        }
    }
}
