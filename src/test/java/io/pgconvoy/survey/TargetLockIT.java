package io.pgconvoy.survey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.Endpoint;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.config.Side;
import io.pgconvoy.journal.JournalFolder;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.TestDatabases;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs from different state folders, as from different machines, meet on one target. */
class TargetLockIT {
    private static final String PID = String.valueOf(ProcessHandle.current().pid());

    private final EmbeddedServer server = EmbeddedServer.shared("18");

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"9.5", "18"})
    void oneRunKeepsAllOthersOffAndSaysWhoItIs(String version) {
        EmbeddedServer old = EmbeddedServer.shared(version);
        try (TargetLock first = lock(false);
                TargetLock second = lock(false);
                TargetLock sharing = lock(true)) {
            first.take(target(old, "postgres"), new JournalFolder(folder.resolve("one")));

            for (TargetLock other : new TargetLock[] {second, sharing}) {
                assertThatThrownBy(
                                () -> other.take(target(old, "postgres"), new JournalFolder(folder.resolve("three"))))
                        .isInstanceOfSatisfying(PgconvoyException.class, refused -> {
                            assertThat(refused.kind()).isEqualTo(ErrorKind.JOURNAL);
                            assertThat(refused.hint()).contains("SELECT pg_terminate_backend(");
                        })
                        .hasMessageContainingAll(
                                "another pgconvoy (process " + PID + " on host ",
                                "journal " + folder.resolve("one"),
                                "from 127.0.0.1",
                                "since 20");
            }
            assertThat(second.inTheWay(target(old, "postgres"))).isPresent();
            first.close();
            second.take(target(old, "postgres"), new JournalFolder(folder.resolve("two")));
        }
    }

    @Test
    void itIsSeenFromEveryDatabase() throws Exception {
        try (TestDatabases databases = TestDatabases.on(server)) {
            String elsewhere = databases.create();
            server.sql("postgres", "CREATE ROLE outsider LOGIN", "REVOKE CONNECT ON DATABASE postgres FROM PUBLIC");
            try (TargetLock first = lock(false);
                    TargetLock second = lock(false)) {
                first.take(target(server, "postgres"), new JournalFolder(folder.resolve("one")));

                assertThatThrownBy(() -> second.take(
                                Server.connect(endpoint(server, elsewhere, "outsider"), "pgconvoy test"),
                                new JournalFolder(folder)))
                        .as("who may not look at other users' sessions learns the process all the same")
                        .hasMessageContaining("another pgconvoy (process " + PID + " on ");
            } finally {
                server.sql("postgres", "GRANT CONNECT ON DATABASE postgres TO PUBLIC", "DROP ROLE outsider");
            }
        }
    }

    @Test
    void runsThatShareTheTargetKeepOffTheOthersAndKnowEachOthersDatabases() {
        try (TargetLock first = lock(true);
                TargetLock second = lock(true);
                TargetLock alone = lock(false)) {
            Server target = target(server, "postgres");
            first.take(target, new JournalFolder(folder.resolve("one")));
            second.take(target, new JournalFolder(folder.resolve("two")));
            assertThatThrownBy(() -> alone.take(target, new JournalFolder(folder.resolve("three"))))
                    .hasMessageContaining("another pgconvoy");

            first.claim(4_000_000_000L);
            assertThat(TargetLock.madeByOthers(target)).containsExactly(4_000_000_000L);
            assertThat(first.<Boolean>withTuning(others -> others)).isFalse();
            assertThat(first.<Boolean>leaveTuning(others -> others)).isFalse();
            assertThat(second.<Boolean>leaveTuning(others -> others))
                    .as("the last one is alone")
                    .isTrue();
        }
        assertThat(TargetLock.madeByOthers(target(server, "postgres"))).isEmpty();
    }

    @Test
    void aLostSessionIsReplacedAndARunThatLosesTheTargetStops() throws Exception {
        Cancellation cancellation = new Cancellation();
        try (TargetLock first = new TargetLock(false, new RunMessages(event -> {}), cancellation);
                TargetLock second = lock(false)) {
            Server target = target(server, "postgres");
            first.take(target, new JournalFolder(folder.resolve("one")));
            int session = TargetLock.holders(target).get(0).session();
            server.sql("postgres", "SELECT pg_terminate_backend(" + session + ")");
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> TargetLock.holders(target).stream().anyMatch(one -> one.session() != session));
            assertThat(first.lost()).isEmpty();

            end(TargetLock.holders(target).get(0));
            second.take(target, new JournalFolder(folder.resolve("two")));

            await().atMost(Duration.ofSeconds(30)).until(cancellation::isCancelled);
            assertThat(first.lost().orElseThrow().kind()).isEqualTo(ErrorKind.JOURNAL);
            assertThat(first.lost().orElseThrow()).hasMessageContaining("journal " + folder.resolve("two"));
        }
    }

    private void end(LockHolder holder) throws SQLException {
        server.sql("postgres", "SELECT pg_terminate_backend(" + holder.session() + ")");
    }

    private static TargetLock lock(boolean share) {
        return new TargetLock(share, new RunMessages(event -> {}), new Cancellation());
    }

    private static Server target(EmbeddedServer server, String database) {
        return Server.connect(endpoint(server, database, server.user()), "pgconvoy test");
    }

    private static Endpoint endpoint(EmbeddedServer server, String database, String user) {
        return new Endpoint(
                Side.TARGET,
                server.host(),
                server.port(),
                user,
                Optional.empty(),
                new DatabaseName(database),
                Map.of());
    }
}
