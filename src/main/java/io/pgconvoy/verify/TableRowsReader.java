package io.pgconvoy.verify;

import io.pgconvoy.catalog.TableCatalog;
import io.pgconvoy.catalog.TableInfo;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.journal.Markers.TableRows;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.ServerPools;
import io.pgconvoy.postgres.SnapshotHolder;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import javax.sql.DataSource;

/** Finds out how many rows each table of a database has: counted exactly, or estimated by one query. */
public final class TableRowsReader {
    private final ServerPools pools;
    private final RowCounter counter;
    private final int poolSize;
    private final boolean estimate;

    /**
     * @param poolSize connections for one database's counts
     * @param estimate whether to read reltuples rather than count
     */
    public TableRowsReader(ServerPools pools, RowCounter counter, int poolSize, boolean estimate) {
        this.pools = pools;
        this.counter = counter;
        this.poolSize = poolSize;
        this.estimate = estimate;
    }

    /**
     * Reads every table's rows.
     *
     * @param snapshot the exported snapshot to read in; empty for the present
     * @param which the tables that matter
     * @param onCounted told how many tables are done so far
     */
    public List<TableRows> read(
            DatabaseName database, Optional<String> snapshot, Predicate<TableInfo> which, LongConsumer onCounted) {
        Server server = pools.server();
        try (var pool = pools.pool(database, poolSize)) {
            List<TableInfo> tables = list(server, database, pool, snapshot).stream()
                    .filter(which)
                    .toList();
            if (estimate) {
                return tables.stream()
                        .map(table ->
                                new TableRows(table.schema(), table.name(), table.condition(), table.estimatedRows()))
                        .toList();
            }
            return count(server, database, pool, snapshot, tables, onCounted);
        }
    }

    private List<TableRows> count(
            Server server,
            DatabaseName database,
            DataSource pool,
            Optional<String> snapshot,
            List<TableInfo> tables,
            LongConsumer onCounted) {
        List<CountedTable> counted = tables.stream()
                .map(table -> new CountedTable(
                        table.schema(), table.name(), table.bytes(), table.partitioned(), table.condition()))
                .toList();
        List<Long> counts = counter.count(server, database, pool, snapshot, counted, onCounted);
        List<TableRows> rows = new ArrayList<>();
        for (int i = 0; i < tables.size(); i++) {
            TableInfo table = tables.get(i);
            rows.add(new TableRows(table.schema(), table.name(), table.condition(), Optional.of(counts.get(i))));
        }
        return rows;
    }

    private static List<TableInfo> list(
            Server server, DatabaseName database, DataSource pool, Optional<String> snapshot) {
        try (Connection connection = pool.getConnection()) {
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                if (snapshot.isPresent()) {
                    SnapshotHolder.adopt(statement, snapshot.get());
                }
                return TableCatalog.tables(connection, server.version());
            } finally {
                connection.rollback();
                connection.setAutoCommit(true);
            }
        } catch (SQLException failure) {
            throw server.failure(database, "listing tables", failure);
        }
    }
}
