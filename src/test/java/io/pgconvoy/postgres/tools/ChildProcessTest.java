package io.pgconvoy.postgres.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.postgres.concurrent.Cancellation;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ChildProcessTest {
    private final Cancellation cancellation = new Cancellation();
    private final List<String> out = Collections.synchronizedList(new ArrayList<>());
    private final List<String> err = Collections.synchronizedList(new ArrayList<>());

    @Test
    void tellsItsStatusAndBothOutputs() throws IOException {
        var result = run("echo told; echo complained >&2; exit 3");

        assertThat(result.exitStatus()).isEqualTo(3);
        assertThat(result.tail()).containsExactly("complained");
        assertThat(out).containsExactly("told");
        assertThat(err).containsExactly("complained");
    }

    @Test
    void keepsTheLastLinesOfItsStderrAndGivesOutAll() throws IOException {
        var result = run("for i in $(seq 100); do echo $i >&2; done");

        assertThat(result.tail())
                .isEqualTo(
                        IntStream.rangeClosed(71, 100).mapToObj(String::valueOf).toList());
        assertThat(err).hasSize(100);
    }

    @Test
    void outputsThatFillBothPipesDoNotHoldItUp() throws IOException {
        assertThat(run("seq 100000; seq 100000 >&2; seq 100000").exitStatus()).isZero();
        assertThat(out).hasSize(200_000);
        assertThat(err).hasSize(100_000);
    }

    @Test
    void theStatusOfASignalIsAboveThoseOfPrograms() throws IOException {
        assertThat(run("kill -9 $$").exitStatus()).isEqualTo(128 + 9);
    }

    @Test
    void aCancellationEndsIt() {
        long begin = System.nanoTime();
        assertThatThrownBy(() ->
                        child("echo begun; exec sleep 50").run(line -> cancellation.cancel(), err::add, cancellation))
                .isInstanceOfSatisfying(
                        PgconvoyException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(ErrorKind.INTERRUPTED));
        assertThat(since(begin)).isLessThan(Duration.ofSeconds(5));
        assertThat(ChildProcess.running()).noneMatch(tool -> tool.endsWith(" bash"));
    }

    @Test
    void oneThatDoesNotHeedACancellationIsKilledWithItsChildren() {
        CopyOnWriteArrayList<Long> pids = new CopyOnWriteArrayList<>();
        assertThatThrownBy(() -> child("trap '' TERM; sleep 50 & echo $!; echo $$; while true; do sleep 0.1; done")
                        .run(
                                line -> {
                                    pids.add(Long.valueOf(line));
                                    if (pids.size() == 2) {
                                        cancellation.cancel();
                                    }
                                },
                                err::add,
                                cancellation))
                .isInstanceOf(PgconvoyException.class);
        assertThat(pids).hasSize(2).allSatisfy(pid -> assertThat(isAtWork(pid)).isFalse());
    }

    @Test
    void aGrandchildThatHoldsThePipesDoesNotHoldItUp() throws IOException {
        long begin = System.nanoTime();
        var result = run("sleep 50 & echo $!; echo complained >&2; exit 4");
        ProcessHandle.of(Long.parseLong(out.get(0))).ifPresent(ProcessHandle::destroyForcibly);

        assertThat(since(begin)).isLessThan(Duration.ofSeconds(30));
        assertThat(result.exitStatus()).isEqualTo(4);
        assertThat(result.tail()).containsExactly("complained");
    }

    @Test
    void nothingIsStartedOnceCancelled() {
        cancellation.cancel();
        assertThatThrownBy(() -> run("echo begun")).isInstanceOf(PgconvoyException.class);
        assertThat(out).isEmpty();
    }

    @Test
    void isGivenItsEnvironmentAndNoInput() throws IOException {
        new ChildProcess(List.of("bash", "-c", "echo $PGAPPNAME $LC_ALL; cat"), Map.of("PGAPPNAME", "ours"))
                .run(out::add, err::add, cancellation);
        assertThat(out).containsExactly("ours C");
    }

    private ChildProcess.Result run(String script) throws IOException {
        return child(script).run(out::add, err::add, cancellation);
    }

    private static ChildProcess child(String script) {
        return new ChildProcess(List.of("bash", "-c", script), Map.of());
    }

    private static boolean isAtWork(long pid) {
        Optional<ProcessHandle> process = ProcessHandle.of(pid);
        return process.isPresent()
                && process.get().isAlive()
                && process.get().info().command().isPresent();
    }

    private static Duration since(long begin) {
        return Duration.ofNanos(System.nanoTime() - begin);
    }
}
