package io.pgconvoy.cli;

import io.pgconvoy.report.Screen;
import java.lang.reflect.Proxy;
import java.util.List;

/**
 * Signals other than those that stop a run. SIGUSR1 and SIGUSR2 (and SIGINFO, where there is one) ask where the run stands;
 * what would end the process at once, and leave the target tuned, is taken for SIGTERM.
 *
 * <p>HotSpot's class for this belongs to no standard, and the compiler warns of it. So it is looked for by name, and where
 * it is not there signals do what they do by default.
 */
final class Signals {
    /** USR2 is HotSpot's own, unless the launcher has it use another one. */
    private static final List<String> STATUS = List.of("USR1", "USR2", "INFO");

    private static final List<String> STOP =
            List.of("ALRM", "VTALRM", "PROF", "XCPU", "PWR", "IO", "POLL", "STKFLT", "EMT", "LOST");

    private Signals() {}

    static void install() {
        STATUS.forEach(name -> handle(name, Screen::tellStatus));
        // The shutdown hook does what is to be done, and ends the process with the run's own code.
        STOP.forEach(name -> handle(name, () -> System.exit(ExitCode.INTERRUPTED.status())));
    }

    /** Has something done whenever the signal comes; one that the process was started to ignore stays ignored. */
    static void handle(String name, Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object proxy = Proxy.newProxyInstance(
                    Signals.class.getClassLoader(), new Class<?>[] {handler}, (self, method, arguments) -> {
                        if (method.getName().equals("handle")) {
                            action.run();
                        }
                        return null;
                    });
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
        } catch (ReflectiveOperationException | RuntimeException unknown) {
            // Not this virtual machine, or a signal that this system does not have or keeps for itself.
        }
    }
}
