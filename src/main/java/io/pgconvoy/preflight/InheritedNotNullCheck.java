package io.pgconvoy.preflight;

import io.pgconvoy.catalog.Announced;
import io.pgconvoy.config.Side;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Sql;
import io.pgconvoy.postgres.Transaction;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Columns that may be null in a child table and not in its parent, which was possible before 18: ALTER TABLE child ... DROP
 * NOT NULL, or ALTER TABLE ONLY parent ... SET NOT NULL. A child is restored with INHERITS and so inherits NOT NULL; rows
 * that hold a null do not load.
 */
final class InheritedNotNullCheck implements DatabaseCheck {
    private record Column(String schema, String table, String name, String label) {}

    @Override
    public String name() {
        return Announced.INHERITED_NOT_NULL.check();
    }

    @Override
    public List<Finding> run(Situation situation, SourceDatabase database) throws SQLException {
        if (database.version().isAtLeast(ServerVersion.V18)) {
            return List.of();
        }
        List<Column> columns = Rows.list(
                database.connection(),
                """
                WITH RECURSIVE line (child, ancestor) AS (
                    SELECT inhrelid, inhparent FROM pg_inherits
                    UNION
                    SELECT l.child, i.inhparent FROM line AS l JOIN pg_inherits AS i ON i.inhrelid = l.ancestor
                )
                SELECT DISTINCT n.nspname, c.relname, a.attname,
                       format('column %%I of table %%I.%%I', a.attname, n.nspname, c.relname)
                  FROM line AS l
                  JOIN pg_attribute AS p ON p.attrelid = l.ancestor AND p.attnum > 0 AND NOT p.attisdropped
                  JOIN pg_attribute AS a ON a.attrelid = l.child AND a.attname = p.attname
                  JOIN pg_class AS c ON c.oid = l.child
                  JOIN pg_namespace AS n ON n.oid = c.relnamespace
                 WHERE p.attnotnull AND NOT a.attnotnull AND c.relkind = 'r' AND c.relpersistence <> 't' AND %s
                 ORDER BY 1, 2, 3
                """.formatted(UserObjects.RELATION),
                row -> new Column(row.getString(1), row.getString(2), row.getString(3), row.getString(4)));
        List<Place> failing = new ArrayList<>();
        List<Place> others = new ArrayList<>();
        for (Column column : columns) {
            (holdsNull(database.connection(), column) ? failing : others)
                    .add(Place.of(database.name(), column.label()));
        }
        List<Finding> findings = new ArrayList<>();
        if (!failing.isEmpty()) {
            findings.add(Finding.blocker(
                            name(),
                            "rows hold a null in columns of child tables that are NOT NULL in the parent: a child arrives NOT"
                                    + " NULL, too, and its rows do not load",
                            "On the source, give these rows a value, or ALTER TABLE the parent ALTER ... DROP NOT NULL.")
                    .as(RestoreErrors.severity(situation))
                    .on(Side.SOURCE)
                    .at(failing));
        }
        if (!others.isEmpty()) {
            findings.add(Finding.warning(
                            name(),
                            "columns of child tables that may be null, though they are NOT NULL in the parent, arrive NOT NULL",
                            "To have both alike, on the source ALTER TABLE the child ALTER ... SET NOT NULL, or DROP NOT NULL"
                                    + " in the parent.")
                    .on(Side.SOURCE)
                    .at(others));
        }
        return findings;
    }

    /** Looks for a short time only; where that does not suffice, there is no null among what was seen. */
    private static boolean holdsNull(Connection connection, Column column) throws SQLException {
        try (Statement statement = connection.createStatement();
                Transaction.Undo patient = () -> statement.execute("SET statement_timeout = 0; SET lock_timeout = 0")) {
            statement.execute("SET statement_timeout = '3s'; SET lock_timeout = '1s'");
            try {
                return Rows.flag(
                        connection,
                        "SELECT EXISTS (SELECT FROM ONLY " + Sql.qualified(column.schema(), column.table()) + " WHERE "
                                + Sql.identifier(column.name()) + " IS NULL)");
            } catch (SQLException unreadable) {
                return false;
            }
        }
    }
}
