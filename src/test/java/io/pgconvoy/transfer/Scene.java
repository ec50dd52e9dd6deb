package io.pgconvoy.transfer;

import io.pgconvoy.config.ByteSize;
import io.pgconvoy.config.Compression;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.Side;
import io.pgconvoy.journal.DeferralMarkers.Deferred;
import io.pgconvoy.journal.DeferralMarkers.DeferredTable;
import io.pgconvoy.journal.DeferralMarkers.DroppedIndex;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.postgres.locks.SnapshotHolder;
import io.pgconvoy.postgres.retry.TransientRetry;
import io.pgconvoy.postgres.toc.ArchiveToc;
import io.pgconvoy.postgres.tools.ClientTools;
import io.pgconvoy.postgres.tools.ExcludedData;
import io.pgconvoy.postgres.tools.PgDump;
import io.pgconvoy.postgres.tools.PgRestore;
import io.pgconvoy.postgres.tools.RestoreError;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.Quote;
import io.pgconvoy.testing.TestDatabases;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.postgresql.PGConnection;

/**
 * One database on its way, dumped and restored by the real tools, with some tables deferred; their rows are copied in a
 * plain way. From 18 nothing is moved: the target is the same server.
 */
final class Scene implements AutoCloseable {
    static final ByteSize MEMORY = ByteSize.ofMegabytes(4096);

    final EmbeddedServer source;
    final EmbeddedServer target = EmbeddedServer.shared("18");
    final Cancellation cancellation = new Cancellation();
    final DatabaseName database;
    private final TestDatabases sources;
    private final TestDatabases targets = TestDatabases.on(target);
    private final ClientTools tools = ClientTools.find(
            Optional.ofNullable(System.getenv("PGCONVOY_PG_BIN")).map(Path::of));
    private final Path archive;
    private ArchiveToc toc;
    private Deferred deferred;

    Scene(String version, Path folder) throws SQLException {
        source = EmbeddedServer.shared(version);
        sources = TestDatabases.on(source);
        database = new DatabaseName(sources.create());
        if (source != target) {
            target.sql("postgres", "CREATE DATABASE " + Quote.identifier(database.value()) + " TEMPLATE template0");
            targets.alsoDrop(database.value());
        }
        archive = folder.resolve("archive");
    }

    void onSource(String... sql) throws SQLException {
        source.sql(database.value(), sql);
    }

    void onTarget(String... sql) throws SQLException {
        target.sql(database.value(), sql);
    }

    List<String> ask(String query) throws SQLException {
        return target.column(database.value(), query);
    }

    List<String> askSource(String query) throws SQLException {
        return source.column(database.value(), query);
    }

    Server sourceServer() {
        return connect(Side.SOURCE, source);
    }

    Server targetServer() {
        return connect(Side.TARGET, target);
    }

    private Server connect(Side side, EmbeddedServer server) {
        return Server.connect(server.endpoint(side), "pgconvoy test", cancellation);
    }

    /** Dumps all but the rows of the tables that this condition on pg_class (c) and pg_namespace (n) is true for. */
    RestorePlan dump(String condition) throws SQLException {
        Server from = sourceServer();
        try (SnapshotHolder holder = SnapshotHolder.open(from, database)) {
            List<DeferredTable> tables = holder.within("test", session -> tables(session, condition));
            deferred = holder.within("test", session -> DeferredObjectReader.read(session, "UTF8", tables));
            ExcludedData excluded = new ExcludedData(
                    "UTF8",
                    tables.stream()
                            .map(table -> new ExcludedData.Table(table.schema(), table.name()))
                            .toList(),
                    false);
            new PgDump(tools, from, new Compression(Compression.Method.NONE, OptionalInt.empty()))
                    .dump(database, holder.snapshot(), archive, 1, excluded, cancellation);
        }
        toc = pgRestore().toc(archive, cancellation);
        return RestorePlan.of(toc, deferred, targetServer().version());
    }

    private static List<DeferredTable> tables(Session session, String condition) {
        return session.list(
                """
                SELECT c.oid, n.nspname, c.relname
                  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE c.relkind = 'r' AND n.nspname !~ '^(pg_|information_schema)' AND (%s)
                 ORDER BY 2, 3
                """.formatted(condition),
                row -> new DeferredTable(row.getLong(1), row.getString(2), row.getString(3), 0, List.of(), false));
    }

    Deferred deferred() {
        return deferred;
    }

    ArchiveToc toc() {
        return toc;
    }

    PgRestore pgRestore() {
        return new PgRestore(tools, targetServer());
    }

    LateRestore late() {
        return new LateRestore(targetServer(), pgRestore(), database, archive, toc, cancellation);
    }

    ForeignKeys foreignKeys() {
        return new ForeignKeys(targetServer());
    }

    /** What clients find when the database is opened for them. */
    List<String> restoreRegular(RestorePlan plan) {
        PgRestore.Options options = new PgRestore.Options(2, false).only(plan.regular());
        List<String> failures = new ArrayList<>(restore(options).stream()
                .filter(error -> error.harmlessBecause().isEmpty())
                .map(RestoreError::toString)
                .toList());
        failures.addAll(foreignKeys().addNotValid(database, plan.foreignKeysNotValid()));
        failures.addAll(late().restore(plan.foreignKeyDependents()));
        return failures;
    }

    List<RestoreError> restore(PgRestore.Options options) {
        return pgRestore().restore(database, archive, toc, options, () -> {}, cancellation);
    }

    /** Copies the deferred tables' rows. */
    void load() throws SQLException, IOException {
        try (Connection from = source.connect(database.value());
                Connection to = target.connect(database.value());
                Statement statement = to.createStatement()) {
            statement.execute("SET session_replication_role = replica");
            for (DeferredTable table : deferred.tables()) {
                String name = Quote.identifier(table.schema()) + "." + Quote.identifier(table.name());
                StringWriter rows = new StringWriter();
                from.unwrap(PGConnection.class).getCopyAPI().copyOut("COPY " + name + " TO STDOUT", rows);
                to.unwrap(PGConnection.class)
                        .getCopyAPI()
                        .copyIn("COPY " + name + " FROM STDIN", new StringReader(rows.toString()));
            }
        }
    }

    IndexBuild.Result build(RestorePlan plan, boolean concurrent, DroppedIndex... dropped) {
        return new IndexBuild(
                        targetServer(),
                        new BuildPermits(2),
                        MEMORY,
                        concurrent,
                        cancellation,
                        new TransientRetry(cancellation, text -> {}))
                .build(late(), plan, List.of(dropped), done -> {});
    }

    /** Everything after the load; failures of all steps. */
    List<String> finish(RestorePlan plan, boolean concurrent) {
        List<String> failures = new ArrayList<>(late().constraints(plan));
        failures.addAll(build(plan, concurrent).failures());
        failures.addAll(late().foreignKeys(plan));
        failures.addAll(foreignKeys().validate(database, plan.foreignKeysNotValid(), 2));
        failures.addAll(late().restore(plan.materializedViewData()));
        return failures;
    }

    @Override
    public void close() throws SQLException {
        targets.close();
        sources.close();
    }
}
