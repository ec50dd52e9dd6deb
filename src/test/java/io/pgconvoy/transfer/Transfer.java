package io.pgconvoy.transfer;

import io.pgconvoy.config.ByteSize;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.Side;
import io.pgconvoy.journal.DeferralMarkers.DeferredTable;
import io.pgconvoy.journal.DeferralMarkers.DumpedPart;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.postgres.locks.SnapshotHolder;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.Quote;
import io.pgconvoy.testing.TestDatabases;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.postgresql.PGConnection;

/** A database on an old server and one of the same name on the newest, between which a test transfers tables in parts. */
final class Transfer implements AutoCloseable {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    final EmbeddedServer source;
    final Cancellation cancellation = new Cancellation();
    final Server server;
    final String database;
    final Path folder;
    private final String encoding;
    private final EmbeddedServer newest = EmbeddedServer.shared("18");
    private final TestDatabases onSource;
    private final TestDatabases onTarget;
    private boolean onBothSides;

    /** What was dumped of one table. */
    record Dumped(DeferredTable table, List<DumpedPart> parts) {
        long rows() {
            return parts.stream().mapToLong(DumpedPart::rows).sum();
        }
    }

    Transfer(String version, String encoding, Path folder) throws SQLException {
        this.source = EmbeddedServer.shared(version);
        this.folder = folder;
        this.encoding = encoding;
        this.onSource = TestDatabases.on(source);
        this.onTarget = TestDatabases.on(newest);
        this.database = onSource.alsoDrop("transfer_" + ProcessHandle.current().pid() + "_" + NUMBER.incrementAndGet());
        source.sql("postgres", createDatabase());
        this.server = Server.connect(source.endpoint(Side.SOURCE), "pgconvoy test", cancellation);
    }

    private String createDatabase() {
        return "CREATE DATABASE " + database + " TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C' ENCODING "
                + Quote.literal(encoding);
    }

    /** The newest server; its database is made when it is first asked for. */
    EmbeddedServer target() throws SQLException {
        if (!onBothSides) {
            newest.sql("postgres", createDatabase());
            onTarget.alsoDrop(database);
            onBothSides = true;
        }
        return newest;
    }

    DatabaseName name() {
        return new DatabaseName(database);
    }

    String encoding() {
        return encoding;
    }

    PartFiles files() {
        return new PartFiles(folder);
    }

    /** Executes statements on both sides. */
    void onBoth(String... statements) throws SQLException {
        source.sql(database, statements);
        target().sql(database, statements);
    }

    /** Locks all tables. */
    SnapshotHolder hold() {
        return SnapshotHolder.openLocked(server, name());
    }

    List<PlannedTable> plan(SnapshotHolder holder, ByteSize partSize, String... tables) throws SQLException {
        List<Long> oids = new ArrayList<>();
        for (String table : tables) {
            oids.add(
                    Long.valueOf(source.value(database, "SELECT " + Quote.literal(table) + "::regclass::oid::bigint")));
        }
        return holder.within("test", session -> DeferredTableReader.read(session, oids, partSize));
    }

    /** Plans and dumps tables, by their quoted names, in a snapshot of now. */
    List<Dumped> dump(ByteSize partSize, String... tables) throws SQLException {
        try (SnapshotHolder holder = hold()) {
            return dump(holder, plan(holder, partSize, tables));
        }
    }

    List<Dumped> dump(SnapshotHolder holder, List<PlannedTable> planned) {
        List<DumpedPart> parts = new PartDump(server, 2)
                .dump(name(), encoding, holder, planned, folder, new CountDownLatch(0), bytes -> {});
        return planned.stream()
                .map(plan -> new Dumped(
                        plan.table(),
                        parts.stream()
                                .filter(part -> part.tableOid() == plan.table().oid())
                                .toList()))
                .toList();
    }

    /** Loads a table's parts into the target's table of the same name, each in a transaction of its own. */
    void load(Dumped dumped) throws SQLException, IOException {
        DeferredTable table = dumped.table();
        String columns = table.columns().stream().map(Quote::identifier).collect(Collectors.joining(", "));
        String copy = "COPY " + Quote.identifier(table.schema()) + "." + Quote.identifier(table.name())
                + (columns.isEmpty() ? "" : " (" + columns + ")") + " FROM STDIN (FORMAT "
                + (table.binary() ? "binary" : "text") + ", ENCODING '" + encoding + "')";
        try (Connection connection = target().connect(database)) {
            for (DumpedPart part : dumped.parts()) {
                try (PartReader reader = PartReader.open(files(), part, table.label())) {
                    connection.unwrap(PGConnection.class).getCopyAPI().copyIn(copy, reader, 64 * 1024);
                }
            }
        }
    }

    void dumpAndLoad(ByteSize partSize, String... tables) throws SQLException, IOException {
        for (Dumped dumped : dump(partSize, tables)) {
            load(dumped);
        }
    }

    /** A query's rows on the source, its first column, sorted. */
    List<String> sourceRows(String query) throws SQLException {
        return rows(source, query);
    }

    List<String> targetRows(String query) throws SQLException {
        return rows(target(), query);
    }

    private List<String> rows(EmbeddedServer server, String query) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement()) {
            statement.execute("SET timezone = 'UTC'");
            try (ResultSet row = statement.executeQuery(query)) {
                while (row.next()) {
                    rows.add(String.valueOf(row.getString(1)));
                }
            }
        }
        rows.sort(null);
        return rows;
    }

    @Override
    public void close() throws SQLException {
        onTarget.close();
        onSource.close();
    }
}
