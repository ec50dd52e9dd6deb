package io.pgconvoy.postgres.locks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.testing.EmbeddedServer;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HeartbeatIT {
    private static final EmbeddedServer SERVER = EmbeddedServer.shared("14");

    @Test
    void anIdleSessionSaysAWordNowAndThenUntilItIsClosed() throws SQLException {
        try (Session session =
                Server.connect(SERVER.endpoint("postgres"), "heartbeat test").session("test")) {
            session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ");
            try (Heartbeat heartbeat = Heartbeat.start("test", session, Duration.ofMillis(50))) {
                String first = lastWord();
                await().until(() -> !lastWord().equals(first));
                assertThat(SERVER.value(
                                "postgres",
                                "SELECT state || ': ' || query FROM pg_stat_activity"
                                        + " WHERE application_name = 'heartbeat test'"))
                        .isEqualTo("idle in transaction: SELECT 1");
            }
        }
    }

    private static String lastWord() throws SQLException {
        return SERVER.value(
                "postgres",
                "SELECT state_change::text FROM pg_stat_activity WHERE application_name = 'heartbeat test'");
    }
}
