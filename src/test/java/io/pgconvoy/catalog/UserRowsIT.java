package io.pgconvoy.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.SqlFailure;
import io.pgconvoy.postgres.retry.PassingFailure;
import io.pgconvoy.testing.EmbeddedServer;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;

class UserRowsIT {
    private static final EmbeddedServer SERVER = EmbeddedServer.shared("18");

    @Test
    void tellsOfASessionLostBeforeALookMoreWidely() {
        SqlFailure failure = failure(process -> {
            try (Session other = SERVER.session("postgres")) {
                other.execute("SELECT pg_terminate_backend(" + process + ", 10000)");
            }
        });

        assertThat(PassingFailure.of(failure)).isPresent();
        assertThat(failure.getSuppressed())
                .anySatisfy(refused -> assertThat(refused).hasMessageContaining("no_such_function"));
    }

    @Test
    void tellsWhatIsNotFoundMoreWidelyEither() {
        assertThat(failure(process -> {})).hasMessageContaining("no_such_function");
    }

    /** Of a query that fails under either path. */
    private static SqlFailure failure(LongConsumer meanwhile) {
        try (Session session = SERVER.session("postgres")) {
            long process = session.number("SELECT pg_backend_pid()");
            return catchThrowableOfType(
                    SqlFailure.class,
                    () -> session.rolledBack(transaction -> UserRows.planned(
                            transaction,
                            () -> {
                                try {
                                    return refused(transaction);
                                } catch (SqlFailure failure) {
                                    meanwhile.accept(process);
                                    throw failure;
                                }
                            },
                            () -> refused(transaction))));
        }
    }

    private static long refused(Session session) {
        return session.number("SELECT no_such_function()");
    }
}
