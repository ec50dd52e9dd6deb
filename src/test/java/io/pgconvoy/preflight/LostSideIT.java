package io.pgconvoy.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.config.Side;
import io.pgconvoy.testing.EmbeddedServer;
import java.sql.Connection;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

/** Sessions that a server has ended. */
class LostSideIT {
    private final EmbeddedServer server = EmbeddedServer.shared("18");

    @Test
    void isTheOneWhoseSessionIsGone() throws Exception {
        try (Connection alive = server.connect("postgres");
                Connection ended = server.connect("postgres");
                Statement statement = alive.createStatement()) {
            assertThat(LostSide.of(alive, ended, Side.SOURCE)).isEqualTo(Side.SOURCE);
            assertThat(LostSide.of(alive, ended, Side.TARGET)).isEqualTo(Side.TARGET);

            statement.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                    + " AND datname = 'postgres' AND pid = " + pid(ended));

            assertThat(LostSide.of(alive, ended, Side.SOURCE)).isEqualTo(Side.TARGET);
            assertThat(LostSide.of(ended, alive, Side.TARGET)).isEqualTo(Side.SOURCE);
        }
    }

    private static int pid(Connection connection) throws Exception {
        try (Statement statement = connection.createStatement();
                var row = statement.executeQuery("SELECT pg_backend_pid()")) {
            row.next();
            return row.getInt(1);
        }
    }
}
