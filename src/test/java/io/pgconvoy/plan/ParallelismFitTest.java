package io.pgconvoy.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.Parallelism;
import io.pgconvoy.config.ParallelismRequest;
import io.pgconvoy.config.PgconvoyException;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ParallelismFitTest {
    private static final ConnectionBudget PLENTY = new ConnectionBudget(10_000, 3, 0);
    private static final int NONE = 0;

    @ParameterizedTest
    @CsvSource({
        "1,   1,  1,  2",
        "2,   2,  2,  2",
        "4,   4,  4,  4",
        "8,   8,  8,  6",
        "16,  16, 12, 6",
        "128, 24, 12, 6",
    })
    void followsTheProcessorsUpToItsLimits(int processors, int dumpJobs, int restoreJobs, int databases) {
        assertThat(ParallelismFit.fit(nothing(), PLENTY, PLENTY, processors))
                .isEqualTo(new Parallelism(dumpJobs, restoreJobs, databases, databases, 16));
    }

    @ParameterizedTest
    @CsvSource({
        // max_connections of source and target, processors
        "100, 100, 16",
        "100, 20,  16",
        "20,  100, 16",
        "30,  30,  64",
        "12,  12,  8",
    })
    void staysWithinBothServersConnections(int source, int target, int processors) {
        Parallelism fitted = ParallelismFit.fit(
                nothing(), new ConnectionBudget(source, 3, 1), new ConnectionBudget(target, 3, 1), processors);

        assertThat(fitted.sourceConnections()).isLessThanOrEqualTo(source - 4);
        assertThat(fitted.targetConnections()).isLessThanOrEqualTo(target - 4);
    }

    @Test
    void leavesTheOtherSideAloneWhereOnlyOneIsTight() {
        Parallelism fitted = ParallelismFit.fit(nothing(), new ConnectionBudget(40, 3, 0), PLENTY, 16);

        assertThat(fitted.restoreJobs()).isEqualTo(12);
        assertThat(fitted.restoreParallel()).isEqualTo(6);
        assertThat(fitted.dumpJobs()).isLessThan(16);
    }

    @Test
    void goesDownToOneOfEach() {
        ConnectionBudget source = new ConnectionBudget(6, 0, 0);

        assertThat(ParallelismFit.fit(nothing(), source, new ConnectionBudget(7, 0, 0), 16))
                .isEqualTo(new Parallelism(1, 1, 1, 1, 1));
        assertThatThrownBy(() -> ParallelismFit.fit(nothing(), new ConnectionBudget(5, 0, 0), PLENTY, 16))
                .isInstanceOf(PgconvoyException.class);
    }

    @Test
    void takesWhatTheUserSaidAsItIs() {
        Parallelism fitted = ParallelismFit.fit(request(30, 20, 10, NONE, 7, 40), PLENTY, PLENTY, 2);

        assertThat(fitted).isEqualTo(new Parallelism(30, 20, 10, 7, 40));
    }

    @Test
    void fitsTheRestAroundWhatTheUserSaid() {
        Parallelism fitted = ParallelismFit.fit(
                request(8, NONE, NONE, NONE, NONE, NONE),
                new ConnectionBudget(100, 3, 5),
                new ConnectionBudget(100, 3, 5),
                16);

        assertThat(fitted.dumpJobs()).isEqualTo(8);
        assertThat(fitted.sourceConnections()).isLessThanOrEqualTo(92);
        assertThat(fitted.targetConnections()).isLessThanOrEqualTo(92);
    }

    @Test
    void refusesWithTheNumbersOfTheSideThatLacksThem() {
        assertThatThrownBy(() -> ParallelismFit.fit(
                        request(24, 4, 6, NONE, NONE, 16), new ConnectionBudget(100, 3, 5), PLENTY, 2))
                .isInstanceOfSatisfying(PgconvoyException.class, failure -> {
                    assertThat(failure.kind()).isEqualTo(ErrorKind.PREFLIGHT);
                    assertThat(failure)
                            .hasMessageContaining("--dump-jobs 24")
                            .hasMessageContaining(
                                    "the source has 92 (max_connections 100, 3 reserved, 5 in use) for up to 174")
                            .hasMessageNotContaining("the target has");
                    assertThat(failure.hint()).isNotEmpty();
                });
    }

    @Test
    void refusesWithTheNumbersOfBothSides() {
        ConnectionBudget few = new ConnectionBudget(20, 3, 30);

        assertThatThrownBy(() -> ParallelismFit.fit(nothing(), few, few, 2))
                .isInstanceOf(PgconvoyException.class)
                .hasMessageContaining("the source has 0 (max_connections 20, 3 reserved, 30 in use) for up to 6")
                .hasMessageContaining("the target has 0 (max_connections 20, 3 reserved, 30 in use) for up to 7");
    }

    private static ParallelismRequest nothing() {
        return request(NONE, NONE, NONE, NONE, NONE, NONE);
    }

    private static ParallelismRequest request(
            int dumpJobs, int restoreJobs, int maxParallel, int dumpParallel, int restoreParallel, int verify) {
        return new ParallelismRequest(
                given(dumpJobs),
                given(restoreJobs),
                given(maxParallel),
                given(dumpParallel),
                given(restoreParallel),
                given(verify));
    }

    private static OptionalInt given(int value) {
        return value == NONE ? OptionalInt.empty() : OptionalInt.of(value);
    }
}
