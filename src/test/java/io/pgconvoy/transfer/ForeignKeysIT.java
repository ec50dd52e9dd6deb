package io.pgconvoy.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.DeferralMarkers.DeferredForeignKey;
import io.pgconvoy.model.Failure;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ForeignKeysIT {
    private static final String KEYS = """
            SELECT conname || ' ' || convalidated || condeferrable FROM pg_constraint
             WHERE contype = 'f' AND conparentid = 0 ORDER BY 1
            """;

    @TempDir
    private Path folder;

    private static DeferredForeignKey key(String table, String name, boolean partitioned, String columns) {
        return new DeferredForeignKey(
                1,
                "public",
                table,
                name,
                partitioned,
                "FOREIGN KEY (" + columns + ") REFERENCES public.big(id) DEFERRABLE",
                true);
    }

    private static final List<DeferredForeignKey> ALL = List.of(
            key("small", "good", false, "a"),
            key("small", "bad", false, "b"),
            key("parted", "p_good", true, "a"),
            key("parted", "p_bad", true, "b"));

    private Scene scene() throws Exception {
        Scene scene = new Scene("14", folder);
        scene.onTarget("""
                CREATE TABLE big (id integer PRIMARY KEY);
                CREATE TABLE small (a integer, b integer); INSERT INTO small VALUES (1, 1), (2, 4711);
                CREATE TABLE parted (a integer, b integer) PARTITION BY LIST (a);
                CREATE TABLE part PARTITION OF parted DEFAULT; INSERT INTO parted VALUES (3, 4712);
                """);
        return scene;
    }

    @Test
    void noKeyIsBlamedForADatabaseThatCannotBeReached() throws Exception {
        try (Scene scene = scene()) {
            assertThatThrownBy(() -> scene.foreignKeys().drop(new DatabaseName("nowhere"), ALL))
                    .isInstanceOfSatisfying(PgconvoyException.class, unreachable -> {
                        assertThat(unreachable).hasMessageStartingWith("cannot connect to ");
                        assertThat(Failure.of(unreachable).sqlState()).contains("3D000");
                    });
        }
    }

    @Test
    void keysThatDoNotHoldAreNamedAndTheRestIsValidated() throws Exception {
        try (Scene scene = scene()) {
            ForeignKeys keys = scene.foreignKeys();

            assertThat(keys.addNotValid(scene.database, ALL)).isEmpty();
            assertThat(keys.addNotValid(scene.database, ALL)).as("again").isEmpty();
            assertThat(scene.ask(KEYS))
                    .containsExactly("bad falsetrue", "good falsetrue", "p_bad falsetrue", "p_good falsetrue");
            scene.onTarget("INSERT INTO big SELECT generate_series(1, 10)");

            assertThat(keys.validate(scene.database, ALL, 2))
                    .hasSize(2)
                    .anySatisfy(failure -> assertThat(failure)
                            .contains("\"bad\" of table \"public\".\"small\"", "Key (b)=(4711) is not present"))
                    .anySatisfy(failure -> assertThat(failure)
                            .contains("\"p_bad\" of table \"public\".\"parted\"", "Key (b)=(4712) is not present"));
            assertThat(scene.ask(KEYS))
                    .containsExactly("bad falsetrue", "good truetrue", "p_bad falsetrue", "p_good truetrue");

            scene.onTarget("INSERT INTO big VALUES (4711), (4712)");
            assertThat(keys.validate(scene.database, ALL, 2)).isEmpty();
            assertThat(scene.ask(KEYS)).allMatch(line -> line.endsWith(" truetrue"));

            assertThat(keys.drop(scene.database, ALL)).isEmpty();
            assertThat(keys.drop(scene.database, ALL)).as("again").isEmpty();
            assertThat(scene.ask(KEYS)).isEmpty();
        }
    }

    @Test
    void keysThatAreNotValidOnTheSourceStaySo() throws Exception {
        try (Scene scene = scene()) {
            DeferredForeignKey key = new DeferredForeignKey(
                    1, "public", "small", "k", false, "FOREIGN KEY (a) REFERENCES public.big(id) NOT VALID", false);

            assertThat(scene.foreignKeys().addNotValid(scene.database, List.of(key)))
                    .isEmpty();
            assertThat(scene.foreignKeys().validate(scene.database, List.of(key), 1))
                    .isEmpty();

            assertThat(scene.ask(KEYS)).containsExactly("k falsefalse");
        }
    }

    @Test
    void aLockedTableIsTriedAgainWithoutHoldingClientsUp() throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(2);
        try (Scene scene = scene();
                Connection client = scene.target.connect(scene.database.value())) {
            client.setAutoCommit(false);
            client.createStatement().execute("INSERT INTO small VALUES (5, 5)");
            Future<List<String>> adding =
                    executor.submit(() -> scene.foreignKeys().addNotValid(scene.database, ALL.subList(0, 1)));
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> !scene.ask("SELECT 1 FROM pg_locks WHERE NOT granted")
                            .isEmpty());

            // It queues up behind the key, and gets its turn although the first client's transaction stays open.
            Future<?> other = executor.submit(() -> {
                scene.onTarget("INSERT INTO small VALUES (6, 6)");
                return null;
            });
            await().atMost(Duration.ofSeconds(60)).until(other::isDone);
            other.get();
            assertThat(adding.isDone()).isFalse();
            client.commit();

            assertThat(adding.get()).isEmpty();
            assertThat(scene.ask(KEYS)).containsExactly("good falsetrue");
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void aTableThatStaysLockedIsAFailureOfItsOwn() throws Exception {
        try (Scene scene = scene();
                Connection client = scene.target.connect(scene.database.value())) {
            client.setAutoCommit(false);
            client.createStatement().execute("INSERT INTO small VALUES (5, 5)");
            ForeignKeys impatient = new ForeignKeys(scene.targetServer(), Duration.ZERO);

            assertThat(impatient.addNotValid(scene.database, List.of(ALL.get(0), ALL.get(2))))
                    .singleElement()
                    .asString()
                    .contains("\"good\"", "lock timeout");
            assertThat(scene.ask(KEYS)).containsExactly("p_good falsetrue");
            client.rollback();
        }
    }
}
