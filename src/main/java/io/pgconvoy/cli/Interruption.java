package io.pgconvoy.cli;

import io.pgconvoy.postgres.Cancellation;
import java.util.concurrent.CountDownLatch;

/**
 * Ctrl-C and SIGTERM: the run is asked to stop, and the process waits until it has cleaned up, however long the target
 * takes for its last CHECKPOINT; a second signal does not hurry it, kill -9 does, and the next run cleans up then.
 */
final class Interruption {
    private final CountDownLatch finished = new CountDownLatch(1);
    private volatile ExitCode code;

    private Interruption() {}

    static Interruption install(Cancellation cancellation) {
        Interruption interruption = new Interruption();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> interruption.onShutdown(cancellation), "shutdown"));
        return interruption;
    }

    /** Ends the process with this code. */
    void exit(ExitCode result) {
        code = result;
        finished.countDown();
        System.exit(result.status());
    }

    private void onShutdown(Cancellation cancellation) {
        if (finished.getCount() == 0) {
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
