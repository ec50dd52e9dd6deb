package io.pgconvoy.verify.rows;

import io.pgconvoy.catalog.TableInfo;
import io.pgconvoy.catalog.UserRows;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.SessionPool;
import io.pgconvoy.postgres.Sql;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Counts, on the target, tables that FORCE ROW LEVEL SECURITY hides even from their owner, who may lift that: in a
 * transaction that is rolled back, so that nothing of it is ever to be seen or left.
 *
 * @see <a href="https://www.postgresql.org/docs/current/ddl-rowsecurity.html">Row Security Policies</a>
 */
record OwnersCount(SessionPool pool) {
    /** Those of the tables that cannot be counted otherwise; none for a superuser, or a user with BYPASSRLS. */
    Set<TableInfo> hidden(List<TableInfo> tables) {
        if (tables.isEmpty()) {
            return Set.of();
        }
        try (Session session = pool.session("looking for row-level security")) {
            Set<Long> oids = Set.copyOf(session.list("""
                    SELECT oid FROM pg_catalog.pg_class
                     WHERE relforcerowsecurity AND pg_catalog.row_security_active(oid)
                    """, row -> row.getLong(1)));
            return tables.stream().filter(table -> oids.contains(table.oid())).collect(Collectors.toSet());
        }
    }

    /** Counts one. */
    long count(TableInfo table) {
        String name = Sql.qualified(table.schema(), table.name());
        String sql = "SELECT pg_catalog.count(*) FROM ONLY " + name
                + table.condition().map(text -> " " + text).orElse("");
        try (Session session = pool.session("counting the rows of " + name)) {
            return session.rolledBack(transaction -> {
                transaction.execute("ALTER TABLE ONLY " + name + " NO FORCE ROW LEVEL SECURITY");
                return UserRows.list(transaction, sql, row -> row.getLong(1)).get(0);
            });
        }
    }
}
