package io.pgconvoy.postgres.tools;

import io.pgconvoy.postgres.Leftovers;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Has the kernel send SIGTERM to a child when its parent dies, by util-linux's {@code setpriv --pdeathsig} where that
 * is there. (The signal follows the thread that started the child; ours waits for the child until it ends.) Elsewhere
 * the next run ends what is left, see {@link Leftovers}.
 */
final class DeathSignal {
    private static final List<String> PREFIX = List.of("setpriv", "--pdeathsig", "TERM");
    private static final boolean AVAILABLE = probe();

    private DeathSignal() {}

    static List<String> wrap(List<String> command) {
        if (!AVAILABLE) {
            return command;
        }
        List<String> wrapped = new ArrayList<>(PREFIX);
        wrapped.add("--");
        wrapped.addAll(command);
        return wrapped;
    }

    private static boolean probe() {
        List<String> command = new ArrayList<>(PREFIX);
        command.add("true");
        try {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD);
            ChildProcess.clean(builder.environment());
            Process process = builder.start();
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return false;
            }
            return process.exitValue() == 0;
        } catch (IOException absent) {
            return false;
        } catch (InterruptedException wish) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
