package io.pgconvoy.cli;

import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.postgres.concurrent.Uninterruptibly;
import io.pgconvoy.postgres.tools.ChildProcess;
import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/**
 * Ctrl-C, SIGTERM and SIGHUP: the run is asked to stop, and the process waits until it has cleaned up, however long the
 * target takes for its last CHECKPOINT. A second one ends the process at once and says what is left; the next run cleans
 * up then.
 */
final class Interruption {
    private static final List<String> SIGNALS = List.of("INT", "TERM", "HUP");

    private final CountDownLatch finished = new CountDownLatch(1);
    private final AtomicInteger signals = new AtomicInteger();
    private final Cancellation cancellation;
    private final PrintStream err;
    private volatile ExitCode code = ExitCode.INTERRUPTED;

    private Interruption(Cancellation cancellation, PrintStream err) {
        this.cancellation = cancellation;
        this.err = err;
    }

    static Interruption install(Cancellation cancellation) {
        Interruption interruption = new Interruption(cancellation, System.err);
        // Once a shutdown has begun, the JVM takes no second signal; where it leaves signals alone, the hook is all
        // there is.
        SIGNALS.forEach(signal -> Signals.handle(signal, interruption::onSignal));
        Uninterruptibly.atShutdown("shutdown", interruption::onShutdown);
        return interruption;
    }

    /** Ends the process with this code. */
    void exit(ExitCode result) {
        code = result;
        finished.countDown();
        System.exit(result.status());
    }

    /** Ends the process while there is nothing to clean up; what the terminal was set to is put back. */
    static void leave() {
        System.exit(ExitCode.INTERRUPTED.status());
    }

    private void onSignal() {
        if (signals.getAndIncrement() == 0) {
            cancellation.cancel();
            return;
        }
        if (finished.getCount() > 0) {
            err.println("pgconvoy: stopped at once" + left(cancellation) + ". The next run goes on from here.");
            err.flush();
        }
        Runtime.getRuntime().halt(code.status());
    }

    /** What a run that is being stopped still has to do, for its user. */
    static String stopping(Cancellation cancellation) {
        List<String> tools = ChildProcess.running();
        String settling =
                cancellation.debts().stream().map(Cancellation.Debt::settling).collect(Collectors.joining(", "));
        return "stopping" + (tools.isEmpty() ? "" : ": " + String.join(", ", tools))
                + (settling.isEmpty() ? "" : "; then " + settling) + ". Once more stops at once.";
    }

    private static String left(Cancellation cancellation) {
        return cancellation.debts().stream().map(debt -> "; " + debt.left()).collect(Collectors.joining());
    }

    private void onShutdown() {
        if (finished.getCount() == 0 || cancellation.isCancelled()) {
            return;
        }
        cancellation.cancel();
        try {
            finished.await();
        } catch (InterruptedException wish) {
            Thread.currentThread().interrupt();
        }
        // The JVM would end with 143 after SIGTERM; and a run that was done just in time is done.
        Runtime.getRuntime().halt(code.status());
    }
}
