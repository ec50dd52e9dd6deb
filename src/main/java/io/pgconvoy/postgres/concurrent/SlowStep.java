package io.pgconvoy.postgres.concurrent;

import java.time.Duration;

/** Says what is being done where that takes longer than a reader likes to look at nothing. */
public final class SlowStep {
    private static final Duration PATIENCE = Duration.ofMillis(1500);

    private SlowStep() {}

    /** Begins a step; its end closes this. */
    public static Daemon tell(Runnable words) {
        return Daemon.start("slow-step", daemon -> {
            if (daemon.goesOn(PATIENCE)) {
                words.run();
            }
        });
    }
}
