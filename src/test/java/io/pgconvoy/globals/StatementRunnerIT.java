package io.pgconvoy.globals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.SqlFailure;
import io.pgconvoy.testing.EmbeddedServer;
import java.util.List;
import org.junit.jupiter.api.Test;

class StatementRunnerIT {
    @Test
    void takesARefusalForAnAnswerAndACancellationForNone() throws Exception {
        try (EmbeddedServer embedded = EmbeddedServer.start("18")) {
            Server target = Servers.target(embedded);
            try (Session session = target.session("test")) {
                StatementRunner runner = new StatementRunner(session, true);

                GlobalsResult refused = runner.run(plan("SELECT 1 / 0"));

                assertThat(refused.warnings()).containsExactly("could not try this: division by zero");
                // As Ctrl-C does it, or somebody else.
                assertThatThrownBy(() -> runner.run(plan("SELECT pg_cancel_backend(pg_backend_pid()), pg_sleep(20)")))
                        .isInstanceOfSatisfying(
                                SqlFailure.class,
                                failure -> assertThat(failure.state()).isEqualTo("57014"));
            }
        }
    }

    private static StatementPlan plan(String sql) {
        return StatementPlan.of(List.of(SqlStatement.of(sql, "try this").toleratingFailure()));
    }
}
