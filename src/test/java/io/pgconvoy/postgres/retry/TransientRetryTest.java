package io.pgconvoy.postgres.retry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.postgres.UnsettledException;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.postgres.tools.ToolFailure;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TransientRetryTest {
    private final Cancellation cancellation = new Cancellation();
    private final List<String> told = new ArrayList<>();
    private final TransientRetry retry =
            new TransientRetry(cancellation, told::add, List.of(Duration.ofMillis(1), Duration.ofMillis(2)));
    private int attempts;

    @ParameterizedTest
    @ValueSource(strings = {"57P01", "57P02", "57P03", "53300", "40P01", "40001", "08006", "08003"})
    void triesAgainWhatPasses(String state) {
        assertThat(retry.run("dump", () -> failingUntil(3, sql(state)))).isEqualTo(3);

        assertThat(told).hasSize(2).allMatch(line -> line.contains("it failed; dump: tried again"));
        assertThat(retry.notes()).hasSize(1);
        assertThat(retry.notes().get(0))
                .startsWith("dump: tried again 2 times, after ")
                .contains(state);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"28P01", "28000", "08004", "08001", "42P01", "42601", "42501", "3D000", "53100", "XX000", "57014"
            })
    void triesOnceWhatStays(String state) {
        PgconvoyException failure = failure(sql(state));

        assertThatThrownBy(() -> retry.run("dump", () -> failingUntil(2, failure)))
                .isSameAs(failure);

        assertThat(attempts).isEqualTo(1);
        assertThat(told).isEmpty();
        assertThat(retry.notes()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "XX000, ERROR: lost connection to parallel worker",
        "55000, ERROR: parallel worker failed to initialize",
    })
    void triesAgainWhatAParallelWorkerWasEndedIn(String state, String message) {
        assertThat(retry.run("index builds", () -> failingUntil(2, new SQLException(message, state))))
                .isEqualTo(2);

        assertThat(retry.notes()).singleElement(STRING).endsWith("a parallel worker that was ended (" + state + ")");
    }

    @Test
    void givesUpInTheEnd() {
        PgconvoyException failure = failure(sql("57P01"));

        assertThatThrownBy(() -> retry.run("dump", () -> failingUntil(9, failure)))
                .isSameAs(failure);

        assertThat(attempts).isEqualTo(3);
    }

    @Test
    void triesNothingAgainOnceCancelled() {
        assertThatThrownBy(() -> retry.run("dump", () -> {
                    cancellation.cancel();
                    return failingUntil(2, sql("57P01"));
                }))
                .hasMessage("it failed");

        assertThat(attempts).isEqualTo(1);
    }

    @Test
    void waitsNoLongerOnceCancelled() {
        TransientRetry patient =
                new TransientRetry(cancellation, line -> cancellation.cancel(), List.of(Duration.ofMinutes(10)));

        assertThatThrownBy(() -> patient.run("dump", () -> failingUntil(2, sql("57P01"))))
                .hasMessage("interrupted");

        assertThat(attempts).isEqualTo(1);
    }

    @Test
    void triesAgainOnlyWherePassesEverythingThatFailed() {
        PgconvoyException both =
                PgconvoyException.of(ErrorKind.SOURCE, List.of(failure(sql("57P01")), failure(sql("42P01"))));

        assertThatThrownBy(() -> retry.run("dump", () -> failingUntil(2, both))).isSameAs(both);

        assertThat(attempts).isEqualTo(1);
    }

    @Test
    void leavesWhatWasBegunAnewOftenEnough() {
        UnsettledException moment = new UnsettledException(failure(sql("40P01")));
        PgconvoyException failure = failure(moment);

        assertThatThrownBy(() -> retry.run("dump", () -> failingUntil(2, failure)))
                .isSameAs(failure);

        assertThat(attempts).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "FATAL:  terminating connection due to administrator command                               | 57P01",
                "ERROR:  terminating background worker \"parallel worker\" due to administrator command     | 57P01",
                "ERROR:  lost connection to parallel worker                                                 | XX000",
                "ERROR:  parallel worker failed to initialize                                               | 55000",
                "pg_restore: error: could not execute query: server closed the connection unexpectedly      | 08006",
                "connection to server at \"x\" failed: FATAL:  sorry, too many clients already              | 53300",
                "connection to server at \"x\" failed: FATAL:  the database system is starting up           | 57P03",
                "ERROR:  deadlock detected                                                                  | 40P01",
                "connection to server at \"x\" failed: FATAL:  password authentication failed for user \"x\" |",
                "ERROR:  relation \"x\" does not exist                                                      |",
            })
    void knowsAToolsWords(String line, String state) {
        assertThat(PassingFailure.of(new ToolFailure(List.of("pg_dump: error: it failed", line)))
                        .map(PassingFailure::state)
                        .orElse(null))
                .isEqualTo(state);
    }

    private int failingUntil(int attempt, Throwable cause) {
        return failingUntil(attempt, failure(cause));
    }

    private int failingUntil(int attempt, PgconvoyException failure) {
        if (++attempts < attempt) {
            throw failure;
        }
        return attempts;
    }

    private static SQLException sql(String state) {
        return new SQLException("x", state);
    }

    private static PgconvoyException failure(Throwable cause) {
        return new PgconvoyException(ErrorKind.SOURCE, "it failed", "", cause);
    }
}
