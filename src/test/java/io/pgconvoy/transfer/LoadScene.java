package io.pgconvoy.transfer;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.DumpRoot;
import io.pgconvoy.config.Side;
import io.pgconvoy.journal.DeferralMarkers.Deferred;
import io.pgconvoy.journal.DeferralMarkers.DeferredRows;
import io.pgconvoy.journal.DeferralMarkers.DeferredTable;
import io.pgconvoy.journal.DeferralMarkers.DeferredTrigger;
import io.pgconvoy.journal.DeferralMarkers.DumpedPart;
import io.pgconvoy.journal.DeferralMarkers.PartsDumped;
import io.pgconvoy.model.Span;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.ServerPools;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.postgres.retry.TransientRetry;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.TestDatabases;
import io.pgconvoy.transfer.PartLoad.Loaded;
import io.pgconvoy.transfer.PartLoad.Renewal;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/** A target database with tables whose data is to be loaded from parts. Not thread-safe. */
final class LoadScene implements AutoCloseable {
    private static final String MIGRATION = "0123456789abcdef";

    private final EmbeddedServer embedded;
    private final TestDatabases databases;
    private final PartFiles files;
    private final String database;
    private final Server server;
    private final ServerPools pools;
    private final Map<Long, DeferredTable> tables = new LinkedHashMap<>();
    private final Map<Long, String> checksums = new LinkedHashMap<>();
    private final List<DumpedPart> parts = new ArrayList<>();
    private final List<DeferredTrigger> triggers = new ArrayList<>();
    private final String encoding;

    LoadScene(EmbeddedServer embedded, Path folder) throws SQLException {
        this(embedded, folder, "UTF8");
    }

    /** With a database of this encoding. */
    LoadScene(EmbeddedServer embedded, Path folder, String encoding) throws SQLException {
        this.embedded = embedded;
        this.encoding = encoding;
        databases = TestDatabases.on(embedded);
        if (encoding.equals("UTF8")) {
            database = databases.create("load");
        } else {
            database = databases.alsoDrop("load_" + encoding.toLowerCase(Locale.ROOT));
            embedded.sql(
                    "postgres",
                    "CREATE DATABASE " + database + " TEMPLATE template0 ENCODING '" + encoding
                            + "' LC_COLLATE 'C' LC_CTYPE 'C'");
        }
        files = new PartFiles(folder.resolve("parts"));
        DumpRoot.createFolder(files.folder());
        server = connect(new Cancellation());
        pools = new ServerPools(server);
    }

    private Server connect(Cancellation cancellation) {
        return Server.connect(embedded.endpoint(Side.TARGET), "pgconvoy " + database, cancellation);
    }

    DatabaseName database() {
        return new DatabaseName(database);
    }

    Server server() {
        return server;
    }

    ServerPools pools() {
        return pools;
    }

    void sql(String... statements) throws SQLException {
        embedded.sql(database, statements);
    }

    Connection connect() throws SQLException {
        return embedded.connect(database);
    }

    String value(String query) throws SQLException {
        return embedded.value(database, query);
    }

    List<String> column(String query) throws SQLException {
        return embedded.column(database, query);
    }

    /** Defers a table of schema public; the later, the smaller. */
    DeferredTable table(String name, boolean binary, String... columns) {
        long oid = 70_000L + tables.size();
        DeferredTable table = new DeferredTable(oid, "public", name, 1_000_000 - oid, List.of(columns), binary);
        tables.put(oid, table);
        return table;
    }

    /** Has the source hold rows of this checksum. */
    void checksum(DeferredTable table, String checksum) {
        checksums.put(table.oid(), checksum);
    }

    void trigger(DeferredTable table, String name, String enabled) {
        triggers.add(new DeferredTrigger(table.oid(), name, enabled));
    }

    /** Makes the table's next part of a query's rows, as the source's COPY would. */
    DumpedPart part(DeferredTable table, String query) throws SQLException {
        int number = (int) parts.stream()
                        .filter(part -> part.tableOid() == table.oid())
                        .count()
                + 1;
        String copy = "COPY (" + query + ") TO STDOUT (FORMAT " + (table.binary() ? "binary" : "text") + ", ENCODING '"
                + encoding + "')";
        try (Connection connection = embedded.connect(database);
                PartWriter writer = PartWriter.create(files.data(table.oid(), number))) {
            CopyOut out = connection.unwrap(PGConnection.class).getCopyAPI().copyOut(copy);
            for (byte[] row = out.readFromCopy(); row != null; row = out.readFromCopy()) {
                writer.write(row);
            }
            DumpedPart part = writer.finish(table.oid(), number, Optional.empty(), out.getHandledRowCount());
            parts.add(part);
            return part;
        }
    }

    Path file(DumpedPart part) {
        return files.data(part);
    }

    Deferred deferred() {
        return new Deferred(
                database, encoding, List.copyOf(tables.values()), List.of(), List.of(), List.of(), List.of(), triggers);
    }

    /** The marker, with as many rows for each table as its parts have. */
    PartsDumped dumped() {
        Map<Long, Long> rows = new LinkedHashMap<>();
        tables.keySet().forEach(oid -> rows.put(oid, 0L));
        parts.forEach(part -> rows.merge(part.tableOid(), part.rows(), Long::sum));
        return new PartsDumped(
                database,
                new Span(Instant.EPOCH, Duration.ZERO),
                parts,
                rows.entrySet().stream()
                        .map(entry -> new DeferredRows(
                                entry.getKey(), entry.getValue(), Optional.ofNullable(checksums.get(entry.getKey()))))
                        .toList());
    }

    LoadEvidence evidence() {
        return new LoadEvidence(server, MIGRATION);
    }

    /** Loads as a new process would, two parts at once. */
    Loaded load() {
        return load((table, part) -> false, new Cancellation());
    }

    Loaded load(Renewal renewal, Cancellation cancellation) {
        Server process = connect(cancellation);
        try (ServerPools own = new ServerPools(process)) {
            return new PartLoad(
                            own,
                            new LoadEvidence(process, MIGRATION),
                            renewal,
                            cancellation,
                            new TransientRetry(cancellation, text -> {}))
                    .load(database(), deferred(), dumped(), files.folder(), 2, rows -> {});
        }
    }

    @Override
    public void close() throws SQLException {
        pools.close();
        if (embedded.isRunning()) {
            databases.close();
        }
    }
}
