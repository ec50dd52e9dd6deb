package io.pgconvoy.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.DeferralMarkers.DroppedIndex;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IndexBuildIT {
    private static final String NAMES = """
            SELECT c.relname FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid
             WHERE x.indrelid = 'big'::regclass AND indisvalid ORDER BY 1
            """;

    @TempDir
    private Path folder;

    private Scene loaded() throws Exception {
        Scene scene = new Scene("14", folder);
        scene.onSource("""
                CREATE TABLE big (id integer PRIMARY KEY, a integer, b integer);
                INSERT INTO big SELECT i, i, i % 7 FROM generate_series(1, 20000) i;
                CREATE UNIQUE INDEX u ON big (a); CREATE INDEX i1 ON big (b); CREATE INDEX i2 ON big (b, a);
                CREATE INDEX i3 ON big ((a + b)); ALTER TABLE big CLUSTER ON i1;
                COMMENT ON INDEX u IS 'unique'; COMMENT ON INDEX i1 IS 'one';
                """);
        return scene;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aFailingIndexIsNamedAndTheRestGoesOn(boolean concurrent) throws Exception {
        try (Scene scene = loaded()) {
            RestorePlan plan = scene.dump("c.relname = 'big'");
            assertThat(scene.restoreRegular(plan)).isEmpty();
            scene.onTarget("INSERT INTO big VALUES (-1, 4711, 0)");
            scene.load();

            IndexBuild.Result result = scene.build(plan, concurrent);

            assertThat(result.built()).isEqualTo(3);
            assertThat(result.failures())
                    .singleElement()
                    .asString()
                    .contains("\"public\".\"u\"", "table \"public\".\"big\"", "could not create unique index \"u\"")
                    .contains("Key (a)=(4711) is duplicated.");
            assertThat(scene.ask(NAMES)).containsExactly("big_pkey", "i1", "i2", "i3");
            assertThat(scene.ask("SELECT obj_description('i1'::regclass, 'pg_class')"))
                    .containsExactly("one");
            assertThat(scene.ask("SELECT count(*) FROM pg_index WHERE NOT indisvalid"))
                    .containsExactly("0");

            scene.onTarget("DELETE FROM big WHERE id = -1");
            IndexBuild.Result again = scene.build(plan, concurrent);

            assertThat(again).isEqualTo(new IndexBuild.Result(1, 3, List.of()));
            assertThat(scene.ask(NAMES)).containsExactly("big_pkey", "i1", "i2", "i3", "u");
            assertThat(scene.ask("SELECT obj_description('u'::regclass, 'pg_class')"))
                    .containsExactly("unique");
            try (Stream<Path> files = Files.list(folder)) {
                assertThat(files).containsExactly(folder.resolve("archive"));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatAnInterruptedConcurrentBuildLeftIsBuiltAgain(boolean concurrent) throws Exception {
        try (Scene scene = loaded()) {
            RestorePlan plan = scene.dump("c.relname = 'big'");
            scene.restoreRegular(plan);
            scene.load();
            scene.onTarget("INSERT INTO big VALUES (0, 1, 1)");
            assertThatThrownBy(() -> scene.onTarget("CREATE UNIQUE INDEX CONCURRENTLY u ON big (a)"))
                    .isInstanceOf(SQLException.class);
            scene.onTarget("DELETE FROM big WHERE id = 0");
            assertThat(scene.ask("SELECT indisvalid FROM pg_index WHERE indexrelid = 'u'::regclass"))
                    .containsExactly("f");

            assertThat(scene.build(plan, concurrent)).isEqualTo(new IndexBuild.Result(4, 0, List.of()));

            assertThat(scene.ask(Objects.INDEXES)).isEqualTo(scene.askSource(Objects.INDEXES));
        }
    }

    @Test
    void clientsWriteWhileIndexesAreBuiltConcurrently() throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(2);
        try (Scene scene = loaded()) {
            RestorePlan plan = scene.dump("c.relname = 'big'");
            scene.restoreRegular(plan);
            scene.load();
            AtomicBoolean enough = new AtomicBoolean();
            AtomicInteger written = new AtomicInteger();
            Future<Void> client = executor.submit(() -> {
                try (Connection connection = scene.target.connect(scene.database.value());
                        Statement statement = connection.createStatement()) {
                    while (!enough.get()) {
                        int key = 100_000 + written.getAndIncrement();
                        statement.execute("INSERT INTO big VALUES (" + key + ", " + key + ", 0)");
                    }
                }
                return null;
            });
            try (Connection open = scene.target.connect(scene.database.value())) {
                await().until(() -> written.get() > 10);
                // Plain builds would wait for this transaction, and the client's next row for them.
                open.setAutoCommit(false);
                open.createStatement().execute("INSERT INTO big VALUES (-5, -5, -5)");
                Future<IndexBuild.Result> build = executor.submit(() -> scene.build(plan, true));
                await().atMost(Duration.ofSeconds(60))
                        .until(() -> !scene.ask("SELECT 1 FROM pg_index WHERE NOT indisvalid")
                                .isEmpty());
                int before = written.get();
                await().atMost(Duration.ofSeconds(60)).until(() -> written.get() > before + 20);
                open.commit();

                assertThat(build.get()).isEqualTo(new IndexBuild.Result(4, 0, List.of()));
            } finally {
                enough.set(true);
            }
            client.get();

            assertThat(scene.ask("SELECT count(*) FROM big")).containsExactly(String.valueOf(20_001 + written.get()));
            assertThat(scene.ask(Objects.INDEXES)).isEqualTo(scene.askSource(Objects.INDEXES));
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void whatAClientHadMadeIsMadeAgainAndEventTriggersStaySilent() throws Exception {
        try (Scene scene = loaded()) {
            scene.onSource("""
                    CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$
                        BEGIN RAISE EXCEPTION 'no'; END $$;
                    CREATE EVENT TRIGGER refuse ON ddl_command_start WHEN TAG IN ('CREATE INDEX', 'COMMENT')
                        EXECUTE PROCEDURE refuse();
                    """);
            RestorePlan plan = scene.dump("c.relname = 'big'");
            assertThat(scene.restoreRegular(plan)).isEmpty();
            scene.load();
            DroppedIndex own = new DroppedIndex(
                    "public", "own", "CREATE INDEX own ON public.big USING btree (a, b)", Optional.empty());
            DroppedIndex planned =
                    new DroppedIndex("public", "u", "CREATE INDEX u ON public.big USING btree (b)", Optional.empty());
            DroppedIndex broken = new DroppedIndex(
                    "public", "x", "CREATE INDEX x ON public.big USING btree (gone)", Optional.empty());

            IndexBuild.Result result = scene.build(plan, false, own, planned, broken);

            assertThat(result.built()).isEqualTo(5);
            assertThat(result.failures()).singleElement().asString().contains("\"x\"", "column \"gone\"");
            assertThat(scene.ask(NAMES)).containsExactly("big_pkey", "i1", "i2", "i3", "own", "u");
        }
    }

    @Test
    void canBeCancelled() throws Exception {
        try (Scene scene = loaded();
                Connection client = scene.target.connect(scene.database.value())) {
            RestorePlan plan = scene.dump("c.relname = 'big'");
            scene.restoreRegular(plan);
            client.setAutoCommit(false);
            client.createStatement().execute("INSERT INTO big VALUES (1, 1, 1)");
            ExecutorService executor = Executors.newSingleThreadExecutor();
            try {
                Future<IndexBuild.Result> build = executor.submit(() -> scene.build(plan, false));
                await().atMost(Duration.ofSeconds(60))
                        .until(() -> !scene.ask("SELECT 1 FROM pg_locks WHERE NOT granted AND mode = 'ShareLock'")
                                .isEmpty());

                scene.cancellation.cancel();

                assertThatThrownBy(build::get)
                        .hasCauseInstanceOf(PgconvoyException.class)
                        .hasMessageContaining("interrupted");
            } finally {
                executor.shutdownNow();
                client.rollback();
            }
        }
    }
}
