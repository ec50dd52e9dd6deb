package io.pgconvoy.cli;

import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.testing.PgconvoyProcess;
import io.pgconvoy.testing.PgconvoyProcess.Result;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Runs a whole command line to its end in this process. A process of its own spends more on starting Java and on code that
 * is not compiled yet than most of the tests' migrations take; whoever needs its signals, its end by force or its own
 * environment uses {@link PgconvoyProcess}.
 */
public final class PgconvoyRun {
    private PgconvoyRun() {}

    /**
     * Relative paths among the arguments mean this process's folder. Not to be called by two threads at once, since it takes
     * the standard streams.
     *
     * @param environment besides what {@link PgconvoyProcess} keeps of this process's
     * @throws AssertionError where it takes longer than that
     */
    public static synchronized Result run(List<String> arguments, Map<String, String> environment, Duration patience) {
        ByteArrayOutputStream stdout = new ByteArrayOutputStream();
        ByteArrayOutputStream stderr = new ByteArrayOutputStream();
        PrintStream ownOut = System.out;
        PrintStream ownErr = System.err;
        Cancellation cancellation = new Cancellation();
        try (PrintStream out = new PrintStream(stdout, true, StandardCharsets.UTF_8);
                PrintStream err = new PrintStream(stderr, true, StandardCharsets.UTF_8)) {
            System.setOut(out);
            System.setErr(err);
            FutureTask<ExitCode> run = new FutureTask<>(
                    () -> Main.run(arguments, PgconvoyProcess.environment(environment), out, err, cancellation));
            Thread thread = new Thread(run, "pgconvoy");
            thread.setDaemon(true);
            thread.start();
            ExitCode code = run.get(patience.toMillis(), TimeUnit.MILLISECONDS);
            return new Result(code.status(), text(stdout), text(stderr));
        } catch (TimeoutException late) {
            cancellation.cancel();
            throw new AssertionError("pgconvoy took longer than " + patience + transcript(stdout, stderr), late);
        } catch (ExecutionException failure) {
            throw new AssertionError("pgconvoy failed" + transcript(stdout, stderr), failure.getCause());
        } catch (InterruptedException wish) {
            cancellation.cancel();
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while pgconvoy ran" + transcript(stdout, stderr), wish);
        } finally {
            System.setOut(ownOut);
            System.setErr(ownErr);
        }
    }

    private static String transcript(ByteArrayOutputStream stdout, ByteArrayOutputStream stderr) {
        return "\n--- stdout:\n" + text(stdout) + "\n--- stderr:\n" + text(stderr);
    }

    private static String text(ByteArrayOutputStream stream) {
        return stream.toString(StandardCharsets.UTF_8);
    }
}
