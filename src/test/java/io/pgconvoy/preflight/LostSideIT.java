package io.pgconvoy.preflight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.pgconvoy.model.Finding;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.SqlFailure;
import io.pgconvoy.testing.EmbeddedServer;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Sessions that a server has ended while a check asked both. */
class LostSideIT {
    private static final EmbeddedServer SOURCE = EmbeddedServer.shared("14");
    private static final EmbeddedServer TARGET = EmbeddedServer.shared("18");

    @Test
    void isTheOneWhoseSessionIsGone() {
        assertThat(failure(CheckContext::source, CheckContext::target)).startsWith("source ");
        assertThat(failure(CheckContext::target, CheckContext::source)).startsWith("target ");
    }

    private static String failure(
            Function<CheckContext, ServerSession> ended, Function<CheckContext, ServerSession> alive) {
        ServerCheck check = new ServerCheck("ended", "blocker", "a session that is gone") {
            @Override
            public List<Finding> run(CheckContext context) {
                ServerSession gone = ended.apply(context);
                long process = gone.session().number("SELECT pg_backend_pid()");
                try (Session other = gone.server().session("ending a session")) {
                    other.execute("SELECT pg_terminate_backend(" + process + ")");
                }
                assertThat(alive.apply(context).session().number("SELECT 1")).isEqualTo(1);
                gone.session().number("SELECT 1");
                return List.of();
            }
        };
        return catchThrowableOfType(
                        SqlFailure.class, () -> CheckRun.between(SOURCE, TARGET).run(check))
                .getMessage();
    }
}
