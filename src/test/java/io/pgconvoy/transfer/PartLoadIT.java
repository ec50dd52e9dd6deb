package io.pgconvoy.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.DeferralMarkers.DeferredTable;
import io.pgconvoy.journal.DeferralMarkers.DumpedPart;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.ServerOptions;
import io.pgconvoy.transfer.PartLoad.Loaded;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Parts that are loaded into databases that clients work in. */
class PartLoadIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String END_LOADERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            + " WHERE query LIKE 'COPY%FROM STDIN%' AND datname = current_database() AND pid <> pg_backend_pid()";
    private static final String SCHEMA = "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'pgconvoy%'";

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"9.5", "14", "18"})
    void loadsEveryPartOnce(String version) throws Exception {
        try (LoadScene scene = scene(version)) {
            scene.sql(
                    "CREATE TABLE big (id integer PRIMARY KEY, name text, parts integer[])",
                    "CREATE TABLE \"Odd \"\"name\"\"\" (\"a b\" text)",
                    "CREATE TABLE bare ()");
            DeferredTable big = scene.table("big", true, "id", "name", "parts");
            DeferredTable odd = scene.table("Odd \"name\"", false, "a b");
            DeferredTable bare = scene.table("bare", false);
            String rows = "SELECT g, CASE g %% 3 WHEN 0 THEN NULL WHEN 1 THEN '' ELSE E'ü\\\\t\\t' END,"
                    + " ARRAY[g, NULL] FROM generate_series(%d, %d) AS g";
            scene.part(big, rows.formatted(1, 5000));
            scene.part(big, rows.formatted(5001, 5001));
            scene.part(big, rows.formatted(1, 0));
            // More than one message to the server holds.
            scene.part(odd, "SELECT repeat('x', 100000) || g FROM generate_series(1, 7) AS g");
            scene.part(bare, "SELECT FROM generate_series(1, 3)");

            Loaded loaded = scene.load();

            assertThat(loaded.failures()).isEmpty();
            assertThat(loaded.rows()).isEqualTo(5011);
            assertThat(loaded.completeTables()).containsExactlyInAnyOrder(big.oid(), odd.oid(), bare.oid());
            String content = "SELECT md5(string_agg(t::text, ',' ORDER BY id)) FROM (%s) AS t";
            assertThat(scene.value(content.formatted("SELECT * FROM big")))
                    .isEqualTo(scene.value(
                            content.formatted(rows.formatted(1, 5001).replaceFirst("SELECT g,", "SELECT g AS id,"))));
            assertThat(scene.value("SELECT count(*) FROM \"Odd \"\"name\"\"\" WHERE length(\"a b\") = 100001"))
                    .isEqualTo("7");
            assertThat(scene.value("SELECT count(*) FROM bare")).isEqualTo("3");
            // As if the process had died before it marked that.
            Loaded again = scene.load();

            assertThat(again).isEqualTo(loaded);
            assertThat(scene.value("SELECT count(*) FROM big")).isEqualTo("5001");
            assertThat(scene.value("SELECT count(*) FROM bare")).isEqualTo("3");
            assertThat(scene.evidence().read(scene.database())).hasSize(5);
            scene.evidence().drop(scene.database());
            scene.evidence().drop(scene.database());
            assertThat(scene.value(SCHEMA)).isEqualTo("0");
            assertThat(scene.evidence().read(scene.database())).isEmpty();
        }
    }

    @Test
    void twoLoadsAtOnceLoadNothingTwice() throws Exception {
        try (LoadScene scene = scene("18")) {
            scene.sql("CREATE TABLE big (id integer)");
            DeferredTable big = scene.table("big", false, "id");
            for (int i = 0; i < 10; i++) {
                scene.part(big, "SELECT generate_series(1, 20000)");
            }
            scene.evidence().create(scene.database());

            CompletableFuture<Loaded> other = inBackground(scene::load);
            Loaded loaded = scene.load();

            assertThat(other.get(60, TimeUnit.SECONDS)).isEqualTo(loaded);
            assertThat(loaded.rows()).isEqualTo(200_000);
            assertThat(scene.value("SELECT count(*) FROM big")).isEqualTo("200000");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"9.6", "18"})
    void aSessionThatIsEndedInTheMiddleLeavesNothing(String version) throws Exception {
        try (LoadScene scene = scene(version);
                Connection client = scene.connect();
                Statement statement = client.createStatement()) {
            blockedPart(scene, statement);
            CompletableFuture<Loaded> load = inBackground(scene::load);

            // Each attempt waits for the client's row.
            await().atMost(PATIENCE).until(() -> {
                scene.sql(END_LOADERS);
                return load.isDone();
            });

            Loaded broken = load.get();
            assertThat(broken.completeTables()).isEmpty();
            assertThat(broken.failures())
                    .singleElement()
                    .asString()
                    .contains("database \"" + scene.database() + "\"", "part 1 of table public.big", "connection");
            statement.execute("ROLLBACK");
            assertThat(scene.value("SELECT count(*) FROM big")).isEqualTo("0");

            assertThat(scene.load().failures()).isEmpty();
            assertThat(scene.value("SELECT count(*) FROM big")).isEqualTo("1000");
        }
    }

    @Test
    void aSessionThatIsEndedOnceIsReplaced() throws Exception {
        try (LoadScene scene = scene("18");
                Connection client = scene.connect();
                Statement statement = client.createStatement()) {
            blockedPart(scene, statement);
            CompletableFuture<Loaded> load = inBackground(scene::load);
            awaitLoader(scene);
            scene.sql(END_LOADERS);
            statement.execute("ROLLBACK");

            assertThat(load.get(60, TimeUnit.SECONDS).failures()).isEmpty();
            assertThat(scene.value("SELECT count(*) FROM big")).isEqualTo("1000");
        }
    }

    @Test
    void cancellationBreaksOffAndRollsBack() throws Exception {
        try (LoadScene scene = scene("18");
                Connection client = scene.connect();
                Statement statement = client.createStatement()) {
            blockedPart(scene, statement);
            Cancellation cancellation = new Cancellation();
            CompletableFuture<Loaded> load = inBackground(() -> scene.load((table, part) -> false, cancellation));
            awaitLoader(scene);

            cancellation.cancel();

            assertThatThrownBy(() -> load.get(60, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOfSatisfying(
                            PgconvoyException.class,
                            failure -> assertThat(failure.kind()).isEqualTo(ErrorKind.INTERRUPTED));
            statement.execute("ROLLBACK");
            assertThat(scene.value("SELECT count(*) FROM big")).isEqualTo("0");
            assertThat(scene.load().failures()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"9.6", "18"})
    void clientsGoOnWriting(String version) throws Exception {
        try (LoadScene scene = scene(version)) {
            scene.sql(
                    "CREATE TABLE owner (id integer PRIMARY KEY)",
                    "INSERT INTO owner VALUES (1)",
                    "CREATE TABLE big (id serial PRIMARY KEY, owner integer REFERENCES owner, filler text)",
                    "SELECT setval('big_id_seq', 1000000)",
                    "CREATE TABLE seen (id integer)",
                    "CREATE FUNCTION log() RETURNS trigger LANGUAGE plpgsql AS"
                            + " 'BEGIN INSERT INTO public.seen VALUES (NEW.id); RETURN NEW; END'",
                    "CREATE TRIGGER log BEFORE INSERT ON big FOR EACH ROW EXECUTE PROCEDURE log()");
            DeferredTable big = scene.table("big", true, "id", "owner", "filler");
            // Owner 2 is not there: the load is not to be held up by keys that the source has checked.
            for (int i = 0; i < 8; i++) {
                scene.part(
                        big,
                        "SELECT g, 2, repeat('x', 50) FROM generate_series(%d, %d) AS g"
                                .formatted(i * 20_000 + 1, (i + 1) * 20_000));
            }
            AtomicBoolean stop = new AtomicBoolean();
            AtomicLong written = new AtomicLong();
            CompletableFuture<String> client = inBackground(() -> write(scene, stop, written));
            await().atMost(PATIENCE).until(() -> written.get() > 0 || client.isDone());
            Loaded loaded;
            try {
                loaded = scene.load();
            } finally {
                stop.set(true);
            }

            assertThat(loaded.failures()).isEmpty();
            assertThat(client.get(60, TimeUnit.SECONDS))
                    .as("the client's foreign key")
                    .isEqualTo("23503");
            assertThat(scene.value("SELECT count(*) FROM big WHERE owner = 2")).isEqualTo("160000");
            assertThat(scene.value("SELECT count(*) FROM big WHERE owner = 1"))
                    .isEqualTo(String.valueOf(written.get()));
            assertThat(scene.value("SELECT count(*) FROM seen")).isEqualTo(String.valueOf(written.get()));
            assertThat(scene.value("SELECT tgenabled FROM pg_trigger WHERE tgname = 'log'"))
                    .isEqualTo("O");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"9.6", "18"})
    void aKeyThatAClientHasUsedFailsItsPartAlone(String version) throws Exception {
        try (LoadScene scene = scene(version)) {
            scene.sql(
                    "CREATE TABLE big (id integer, tenant text, PRIMARY KEY (tenant, id))",
                    "CREATE TABLE small (id integer)",
                    "INSERT INTO big VALUES (150, 'it''s')");
            DeferredTable big = scene.table("big", false, "id", "tenant");
            DeferredTable small = scene.table("small", false, "id");
            for (int i = 0; i < 3; i++) {
                scene.part(big, "SELECT g, 'it''s' FROM generate_series(%d, %d) AS g".formatted(i * 100, i * 100 + 99));
            }
            scene.part(small, "SELECT 1");

            Loaded loaded = scene.load();

            assertThat(loaded.rows()).isEqualTo(201);
            assertThat(loaded.completeTables()).containsExactly(small.oid());
            assertThat(loaded.failures()).singleElement().satisfies(failure -> {
                assertThat(failure.getMessage())
                        .contains(
                                "database \"" + scene.database() + "\"",
                                "part 2 of table public.big",
                                "\"big_pkey\"",
                                "Key (tenant, id)=(it's, 150) already exists");
                assertThat(failure.hint()).contains("delete that row", "run the same command again");
            });
            assertThat(scene.value("SELECT count(*) FROM big")).isEqualTo("201");
            scene.sql("DELETE FROM big WHERE id = 150");

            Loaded again = scene.load();

            assertThat(again.failures()).isEmpty();
            assertThat(again.completeTables()).containsExactlyInAnyOrder(big.oid(), small.oid());
            assertThat(scene.value("SELECT count(DISTINCT id) FROM big")).isEqualTo("300");
            assertThat(scene.value("SELECT count(*) FROM small")).isEqualTo("1");
        }
    }

    @Test
    void aDamagedFileIsNamedAndReplacedWherePossible() throws Exception {
        try (LoadScene scene = scene("18")) {
            scene.sql("CREATE TABLE big (id integer)");
            DeferredTable big = scene.table("big", false, "id");
            DumpedPart first = scene.part(big, "SELECT generate_series(1, 200000)");
            scene.part(big, "SELECT generate_series(1, 10)");
            byte[] whole = Files.readAllBytes(scene.file(first));
            byte[] altered = whole.clone();
            altered[altered.length - 100] ^= 1;
            Files.write(scene.file(first), altered);

            Loaded loaded = scene.load();

            assertThat(loaded.rows()).isEqualTo(10);
            assertThat(loaded.failures())
                    .singleElement()
                    .asString()
                    .contains("part 1 of table public.big", first.file(), "damaged");
            assertThat(scene.value("SELECT count(*) FROM big")).isEqualTo("10");

            Loaded renewed = scene.load(
                    (table, part) -> {
                        assertThat(List.of(table, part)).containsExactly(big, first);
                        try {
                            Files.write(scene.file(part), whole);
                            return true;
                        } catch (IOException failure) {
                            return false;
                        }
                    },
                    new Cancellation());

            assertThat(renewed.failures()).isEmpty();
            assertThat(scene.value("SELECT count(*) FROM big")).isEqualTo("200010");
        }
    }

    @Test
    void aMissingTableAndRowsThatDoNotFitAreNamed() throws Exception {
        try (LoadScene scene = scene("18")) {
            scene.sql("CREATE TABLE picky (id integer CHECK (id < 5))");
            DeferredTable gone = scene.table("gone", false, "id");
            DeferredTable picky = scene.table("picky", false, "id");
            scene.part(gone, "SELECT 1");
            scene.part(picky, "SELECT 5");

            assertThat(scene.load().failures())
                    .extracting(PgconvoyException::getMessage)
                    .hasSize(2)
                    .anySatisfy(message -> assertThat(message).contains("public.gone is missing"))
                    .anySatisfy(message -> assertThat(message)
                            .contains("part 1 of table public.picky", "picky_id_check", "Failing row contains (5)"));
        }
    }

    /** Some of these would turn the texts into something else. */
    @Test
    void settingsOfTheDatabaseDoNotMatter() throws Exception {
        try (LoadScene scene = scene("18")) {
            scene.sql("CREATE TABLE odd (days date, spans interval, lists text[], nodes xml)");
            DeferredTable odd = scene.table("odd", false, "days", "spans", "lists", "nodes");
            scene.part(odd, "SELECT '0044-03-15 BC', '-1 mons', '{NULL,\"NULL\"}', 'a<b/>'");
            scene.sql(
                    "ALTER DATABASE \"" + scene.database() + "\" SET array_nulls = off",
                    "ALTER DATABASE \"" + scene.database() + "\" SET xmloption = document",
                    "ALTER DATABASE \"" + scene.database() + "\" SET datestyle = 'SQL, DMY'",
                    "ALTER DATABASE \"" + scene.database() + "\" SET statement_timeout = 1",
                    "ALTER DATABASE \"" + scene.database() + "\" SET default_transaction_read_only = on");

            assertThat(scene.load().failures()).isEmpty();
            EmbeddedServer.shared("18").sql("postgres", "ALTER DATABASE \"" + scene.database() + "\" RESET ALL");
            assertThat(scene.value("SELECT to_char(days, 'YYYY-MM-DD BC') || lists::text FROM odd"))
                    .isEqualTo("0044-03-15 BC{NULL,\"NULL\"}");
        }
    }

    /** The server would wait until somebody reads what it says, and nobody would read before all is sent. */
    @Test
    void aTalkativeConstraintDoesNotBlock() throws Exception {
        try (LoadScene scene = scene("18")) {
            scene.sql(
                    "CREATE FUNCTION talk(integer) RETURNS boolean LANGUAGE plpgsql AS"
                            + " 'BEGIN RAISE WARNING ''%'', repeat(''x'', 5000); RETURN true; END'",
                    "CREATE TABLE big (id integer CHECK (talk(id)), filler text)");
            DeferredTable big = scene.table("big", false, "id", "filler");
            scene.part(big, "SELECT g, repeat('y', 2000) FROM generate_series(1, 10000) AS g");

            CompletableFuture<Loaded> load = inBackground(scene::load);

            assertThat(load.get(60, TimeUnit.SECONDS).rows()).isEqualTo(10_000);
        }
    }

    @Test
    void loadsLeavesOfPartitionsAndGeneratedColumns() throws Exception {
        try (LoadScene scene = scene("18")) {
            scene.sql(
                    "CREATE TABLE parent (id integer PRIMARY KEY, twice integer GENERATED ALWAYS AS (id * 2) STORED,"
                            + " number integer GENERATED ALWAYS AS IDENTITY) PARTITION BY RANGE (id)",
                    "CREATE TABLE leaf PARTITION OF parent FOR VALUES FROM (0) TO (100)",
                    "CREATE INDEX ON parent (number)",
                    "CREATE RULE no AS ON INSERT TO leaf DO INSTEAD NOTHING");
            DeferredTable leaf = scene.table("leaf", false, "number", "id");
            scene.part(leaf, "SELECT -g, g FROM generate_series(0, 99) AS g");

            assertThat(scene.load().failures()).isEmpty();
            assertThat(scene.value("SELECT sum(twice) || ' ' || sum(number) || ' ' || count(*) FROM parent"))
                    .isEqualTo("9900 -4950 100");
        }
    }

    @Test
    void bytesOfOtherEncodingsArriveUnchanged() throws Exception {
        for (String encoding : List.of("LATIN1", "SQL_ASCII")) {
            try (LoadScene scene = new LoadScene(EmbeddedServer.shared("18"), folder.resolve(encoding), encoding)) {
                // In SQL_ASCII such bytes are what they are; they are no UTF-8.
                scene.sql("CREATE TABLE words (word text PRIMARY KEY)");
                DeferredTable words = scene.table("words", false, "word");
                scene.part(words, "SELECT convert_from('\\x66fc72'::bytea, '" + encoding + "')");
                scene.part(words, "SELECT convert_from('\\x66fd'::bytea, '" + encoding + "')");
                scene.part(words, "SELECT 'a'");

                assertThat(scene.load().failures()).isEmpty();
                assertThat(scene.column("SELECT encode(word::bytea, 'hex') FROM words ORDER BY 1"))
                        .containsExactly("61", "66fc72", "66fd");

                scene.part(words, "SELECT convert_from('\\x66fc72'::bytea, '" + encoding + "')");
                assertThat(scene.load().failures())
                        .singleElement()
                        .asString()
                        .contains("part 4 of table public.words")
                        .containsAnyOf("Key (word)=(für) already exists", "only in the server's log");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"9.6", "18"})
    void theEvidenceIsNobodyElsesBusiness(String version) throws Exception {
        try (LoadScene scene = scene(version)) {
            String kind = version.equals("18") ? "SCHEMAS" : "TABLES";
            scene.sql(
                    "CREATE TABLE ddl (tag text)",
                    "CREATE FUNCTION note() RETURNS event_trigger LANGUAGE plpgsql AS"
                            + " 'BEGIN INSERT INTO public.ddl VALUES (tg_tag); END'",
                    "CREATE EVENT TRIGGER note_" + scene.database() + " ON ddl_command_end EXECUTE PROCEDURE note()",
                    "CREATE EVENT TRIGGER drop_" + scene.database() + " ON sql_drop EXECUTE PROCEDURE note()",
                    "ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO PUBLIC, pg_signal_backend",
                    "ALTER DEFAULT PRIVILEGES GRANT ALL ON " + kind + " TO PUBLIC",
                    "DELETE FROM ddl");
            if (version.equals("18")) {
                scene.sql(
                        "ALTER EVENT TRIGGER note_" + scene.database() + " ENABLE ALWAYS",
                        "ALTER EVENT TRIGGER drop_" + scene.database() + " ENABLE REPLICA",
                        "DELETE FROM ddl");
            }

            scene.evidence().create(scene.database());
            scene.evidence().create(scene.database());

            assertThat(scene.value("SELECT count(*) FROM ddl")).isEqualTo("0");
            assertThat(scene.column("SELECT a.grantee::regrole::text FROM pg_namespace n, aclexplode(n.nspacl) a"
                            + " WHERE nspname LIKE 'pgconvoy%' AND a.grantee <> n.nspowner"))
                    .isEmpty();
            assertThat(scene.column("SELECT a.grantee::regrole::text FROM pg_class c, aclexplode(c.relacl) a"
                            + " WHERE relname LIKE 'loaded_parts%' AND a.grantee <> c.relowner"))
                    .isEmpty();
            scene.evidence().drop(scene.database());
            assertThat(scene.value("SELECT count(*) FROM ddl")).isEqualTo("0");
        }
    }

    @Test
    void whatIsLoadedOutlivesACrashAndWhatIsNotIsLoadedAgain() throws Exception {
        // Commits that are asynchronous and that no writer takes along by itself.
        ServerOptions lazy = ServerOptions.of("18").withSetting("wal_writer_delay", "10s");
        try (EmbeddedServer server = EmbeddedServer.start(lazy);
                LoadScene scene = new LoadScene(server, folder)) {
            scene.sql("CREATE TABLE kept (id integer)", "CREATE UNLOGGED TABLE emptied (id integer)");
            DeferredTable kept = scene.table("kept", false, "id");
            DeferredTable emptied = scene.table("emptied", false, "id");
            scene.part(kept, "SELECT 1");
            scene.part(emptied, "SELECT generate_series(1, 2)");
            assertThat(scene.load().failures()).isEmpty();
            server.killImmediate();
            server.restart();

            assertThat(scene.value("SELECT count(*) FROM kept")).isEqualTo("1");
            assertThat(scene.value("SELECT count(*) FROM emptied")).isEqualTo("0");
            assertThat(scene.load().rows()).isEqualTo(3);
            assertThat(scene.value("SELECT count(*) FROM kept")).isEqualTo("1");
            assertThat(scene.value("SELECT count(*) FROM emptied")).isEqualTo("2");
        }
    }

    @Test
    void aServerThatRestartsInTheMiddleIsWaitedFor() throws Exception {
        try (EmbeddedServer server = EmbeddedServer.start("18");
                LoadScene scene = new LoadScene(server, folder);
                Connection client = scene.connect();
                Statement statement = client.createStatement()) {
            blockedPart(scene, statement);
            CompletableFuture<Loaded> load = inBackground(scene::load);
            awaitLoader(scene);

            server.killImmediate();
            server.restart();

            assertThat(load.get(60, TimeUnit.SECONDS).failures()).isEmpty();
            assertThat(scene.value("SELECT count(*) FROM big")).isEqualTo("1000");
        }
    }

    @Test
    void triesNoFurtherPartOnceTheDatabaseIsGone() throws Exception {
        try (LoadScene scene = scene("18");
                Connection client = scene.connect();
                Statement statement = client.createStatement()) {
            blockedPart(scene, statement);
            scene.sql("CREATE TABLE small (id integer)");
            for (int i = 0; i < 3; i++) {
                scene.part(scene.table("small", false, "id"), "SELECT 1");
            }
            // All workers wait, behind the one client.
            statement.execute("LOCK TABLE small");
            CompletableFuture<Loaded> load = inBackground(scene::load);
            awaitLoader(scene);

            EmbeddedServer.shared("18").sql("postgres", "DROP DATABASE \"" + scene.database() + "\" WITH (FORCE)");

            assertThat(load.get(60, TimeUnit.SECONDS).failures()).hasSizeBetween(1, 2);
            assertThat(load.get().completeTables()).isEmpty();
        }
    }

    private LoadScene scene(String version) throws SQLException {
        assumeTrue(EmbeddedServer.available(version));
        return new LoadScene(EmbeddedServer.shared(version), folder);
    }

    /** A part of 1,000 rows, the last of which waits for the client's transaction. */
    private static void blockedPart(LoadScene scene, Statement client) throws SQLException {
        scene.sql("CREATE TABLE big (id integer PRIMARY KEY)");
        DeferredTable big = scene.table("big", false, "id");
        scene.part(big, "SELECT generate_series(1, 1000)");
        client.execute("BEGIN");
        client.execute("INSERT INTO big VALUES (1000)");
    }

    private static void awaitLoader(LoadScene scene) {
        await().atMost(PATIENCE)
                .until(() -> scene.value("SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
                                + " WHERE NOT l.granted AND l.locktype = 'transactionid' AND a.query LIKE 'COPY%'")
                        .equals("1"));
    }

    private static <T> CompletableFuture<T> inBackground(Callable<T> work) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return work.call();
            } catch (RuntimeException failure) {
                throw failure;
            } catch (Exception failure) {
                throw new IllegalStateException(failure);
            }
        });
    }

    /** Inserts until told to stop; then returns the state with which a wrong foreign key is refused. */
    private static String write(LoadScene scene, AtomicBoolean stop, AtomicLong written) throws SQLException {
        try (Connection connection = scene.connect();
                Statement statement = connection.createStatement()) {
            while (!stop.get() && written.get() < 1_000_000) {
                statement.execute("INSERT INTO big (owner, filler) VALUES (1, 'client')");
                written.incrementAndGet();
            }
            try {
                statement.execute("INSERT INTO big (owner, filler) VALUES (2, 'client')");
                return "not refused";
            } catch (SQLException refused) {
                return refused.getSQLState();
            }
        }
    }
}
