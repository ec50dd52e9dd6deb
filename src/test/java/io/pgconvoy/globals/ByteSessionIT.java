package io.pgconvoy.globals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.testing.EmbeddedServer;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;

class ByteSessionIT {
    private static final EmbeddedServer SERVER = EmbeddedServer.shared("18");

    @Test
    void isBrokenOffByACancellationAndDropsItsDatabaseNevertheless() throws SQLException {
        Cancellation cancellation = new Cancellation();
        Server target = Server.connect(SERVER.endpoint("postgres"), "pgconvoy test", cancellation);
        try (ByteSession bytes = ByteSession.open(target)) {
            bytes.session().executeRaw("SELECT 1");
            assertThat(databases()).hasSize(1);

            cancellation.cancel();

            assertThatThrownBy(() -> bytes.session().executeRaw("SELECT 1"))
                    .isInstanceOfSatisfying(
                            PgconvoyException.class,
                            failure -> assertThat(failure.kind()).isEqualTo(ErrorKind.INTERRUPTED));
        }
        assertThat(databases()).isEmpty();
    }

    private static List<String> databases() throws SQLException {
        return SERVER.column("postgres", "SELECT datname FROM pg_database WHERE datname LIKE 'pgconvoy\\_bytes\\_%'");
    }
}
