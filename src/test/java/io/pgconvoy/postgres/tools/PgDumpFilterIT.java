package io.pgconvoy.postgres.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pgconvoy.config.Compression;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.Side;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.postgres.locks.SnapshotHolder;
import io.pgconvoy.postgres.toc.ArchiveToc;
import io.pgconvoy.postgres.toc.TocEntry;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.Quote;
import io.pgconvoy.testing.TestDatabases;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PgDumpFilterIT {
    /** Names in pairs: a pattern that is not quoted well would match the other one, or both. */
    private static final List<String> NAMES = List.of(
            "a",
            "A",
            " a",
            "a ",
            "a b",
            "a  b",
            "a\nb",
            "a\\nb",
            "a\\b",
            "ab",
            "a\\\\b",
            "a\r\nb",
            "a\rb",
            "a\tb",
            "a$",
            "a$b",
            "a.b",
            "axb",
            "a*",
            "a?",
            "a\"b",
            "\"a\"",
            "a#b",
            "#a",
            "a,b",
            "(a|b)",
            "[ab]",
            "a{1}",
            "^a",
            "|",
            "a+",
            "ü",
            "exclude table_data a",
            "it's",
            "%s");

    private static final String OTHER_SCHEMA = " s\"\\\n";

    private static final String TABLE =
            "SELECT n.nspname || '/' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace";

    @TempDir
    private Path folder;

    private static Server connect(EmbeddedServer server) {
        return Server.connect(server.endpoint(Side.SOURCE), "pgconvoy test");
    }

    private static ClientTools tools() {
        return ClientTools.find(
                Optional.ofNullable(System.getenv("PGCONVOY_PG_BIN")).map(Path::of));
    }

    @ParameterizedTest
    @ValueSource(strings = {"9.6", "14"})
    void leavesOutTheDataOfExactlyTheNamedTables(String version) throws Exception {
        EmbeddedServer server = EmbeddedServer.shared(version);
        try (TestDatabases databases = TestDatabases.on(server)) {
            DatabaseName database = new DatabaseName(databases.create());
            List<String> sql = new ArrayList<>();
            for (String schema : List.of("s", OTHER_SCHEMA)) {
                sql.add("CREATE SCHEMA " + Quote.identifier(schema));
                for (String name : NAMES) {
                    sql.add("CREATE TABLE " + Quote.identifier(schema) + "." + Quote.identifier(name)
                            + " (id serial, x integer)");
                }
            }
            server.sql(database.value(), sql.toArray(String[]::new));
            List<ExcludedData.Table> even = new ArrayList<>();
            for (int i = 0; i < NAMES.size(); i++) {
                even.add(new ExcludedData.Table(i % 2 == 0 ? "s" : OTHER_SCHEMA, NAMES.get(i)));
            }

            ArchiveToc toc = dump(server, database, new ExcludedData("UTF8", even, false));

            List<String> kept = new ArrayList<>();
            for (TocEntry entry : toc.entries()) {
                if (entry.isTableData()) {
                    kept.add(server.value(database.value(), TABLE + " WHERE c.oid = " + entry.objectOid()));
                }
            }
            List<String> expected = server.column(
                    database.value(),
                    TABLE + " WHERE relkind = 'r' AND" + " n.nspname IN ('s', " + Quote.literal(OTHER_SCHEMA) + ")");
            assertThat(expected).hasSize(2 * NAMES.size());
            even.forEach(table -> expected.remove(table.schema() + "/" + table.name()));
            assertThat(kept).hasSize(NAMES.size()).containsExactlyInAnyOrderElementsOf(expected);
            assertThat(toc.entries())
                    .filteredOn(entry -> entry.label().startsWith("SEQUENCE SET "))
                    .hasSize(2 * NAMES.size());
            assertOnlyTheArchiveIsLeft();
        }
    }

    @Test
    void comparesNamesInTheDatabasesEncoding() throws Exception {
        assumeTrue(tools().knowsFilterFiles(), "an older pg_dump takes names in the locale's encoding only");
        EmbeddedServer server = EmbeddedServer.shared("14");
        try (TestDatabases databases = TestDatabases.on(server)) {
            String name = databases.alsoDrop("latin_" + ProcessHandle.current().pid());
            server.sql(
                    "postgres",
                    "CREATE DATABASE " + name + " TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C'"
                            + " LC_CTYPE 'C'");
            server.sql(name, "CREATE TABLE \"größe\" (x integer)", "CREATE TABLE other (x integer)");

            ArchiveToc toc = dump(
                    server,
                    new DatabaseName(name),
                    new ExcludedData("LATIN1", List.of(new ExcludedData.Table("public", "größe")), false));

            assertThat(toc.tableDataEntries()).isEqualTo(1);
        }
    }

    private ArchiveToc dump(EmbeddedServer server, DatabaseName database, ExcludedData excluded) {
        Server source = connect(server);
        Path archive = folder.resolve("archive");
        try (SnapshotHolder holder = SnapshotHolder.open(source, database)) {
            new PgDump(tools(), source, new Compression(Compression.Method.NONE, OptionalInt.empty()))
                    .dump(database, holder.snapshot(), archive, 1, excluded, new Cancellation());
        }
        return new PgRestore(tools(), source).toc(archive, new Cancellation());
    }

    private void assertOnlyTheArchiveIsLeft() throws Exception {
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(folder.resolve("archive"));
        }
    }
}
