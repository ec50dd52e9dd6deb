package io.pgconvoy.verify;

import io.pgconvoy.catalog.TableInfo;
import io.pgconvoy.catalog.UserRows;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.postgres.Cancellation;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Sql;
import io.pgconvoy.postgres.Transaction;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import javax.sql.DataSource;

/**
 * Counts, on the target, tables that FORCE ROW LEVEL SECURITY hides even from their owner, who may lift that: in a
 * transaction that is rolled back, so that nothing of it is ever to be seen or left.
 *
 * @see <a href="https://www.postgresql.org/docs/current/ddl-rowsecurity.html">Row Security Policies</a>
 */
final class OwnersCount {
    private final Server target;
    private final DatabaseName database;
    private final DataSource pool;
    private final Cancellation cancellation;

    OwnersCount(Server target, DatabaseName database, DataSource pool, Cancellation cancellation) {
        this.target = target;
        this.database = database;
        this.pool = pool;
        this.cancellation = cancellation;
    }

    /** Those of the tables that cannot be counted otherwise; none for a superuser, or a user with BYPASSRLS. */
    Set<TableInfo> hidden(List<TableInfo> tables) {
        if (tables.isEmpty()) {
            return Set.of();
        }
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("""
                        SELECT oid FROM pg_catalog.pg_class
                         WHERE relforcerowsecurity AND pg_catalog.row_security_active(oid)
                        """)) {
            Set<Long> oids = new HashSet<>();
            while (row.next()) {
                oids.add(row.getLong(1));
            }
            return tables.stream().filter(table -> oids.contains(table.oid())).collect(Collectors.toSet());
        } catch (SQLException failure) {
            throw target.failure(database, "looking for row-level security", failure);
        }
    }

    /** Counts one. */
    long count(TableInfo table) {
        cancellation.check();
        String name = Sql.qualified(table.schema(), table.name());
        String condition = table.condition().map(text -> " " + text).orElse("");
        try (Connection connection = pool.getConnection()) {
            try (var registration = cancellation.breaksOff(connection)) {
                return Transaction.rolledBack(connection, statement -> {
                    statement.execute("ALTER TABLE ONLY " + name + " NO FORCE ROW LEVEL SECURITY");
                    try (ResultSet row =
                            UserRows.query(statement, "SELECT pg_catalog.count(*) FROM ONLY " + name + condition)) {
                        row.next();
                        return row.getLong(1);
                    }
                });
            }
        } catch (SQLException failure) {
            cancellation.check();
            throw target.failure(database, "counting the rows of " + name, failure);
        }
    }
}
