package io.pgconvoy.report;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.LogManager;
import org.slf4j.LoggerFactory;

/**
 * Where log lines go and which of them: through the open screen, or plainly to stderr while there is none.
 *
 * <p>What the libraries log, this program reports itself, in its own words, as the exception that it got. So they are
 * quiet unless asked.
 */
public final class Logging {
    private static final AtomicReference<Screen> SCREEN = new AtomicReference<>();
    private static final Map<String, Level> USUAL =
            Map.of("io.pgconvoy", Level.INFO, "io.github.resilience4j", Level.OFF);
    private static final Map<String, Level> VERBOSE =
            Map.of("io.pgconvoy", Level.DEBUG, "io.github.resilience4j", Level.INFO);

    private static volatile boolean verbose;

    private Logging() {}

    /**
     * Sets what is logged; to be called once, before anything connects.
     *
     * @param verboseLogging true for {@code --verbose}: this program's DEBUG lines, the libraries' INFO lines and stack
     *     traces
     */
    public static void configure(boolean verboseLogging) {
        verbose = verboseLogging;
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            setLevels(context);
        }
        // pgjdbc logs there, and by default the JDK prints it to stderr, across the screen.
        LogManager.getLogManager().reset();
        java.util.logging.Logger root = java.util.logging.Logger.getLogger("");
        root.setLevel(verboseLogging ? java.util.logging.Level.WARNING : java.util.logging.Level.OFF);
        if (verboseLogging) {
            root.addHandler(new JulHandler());
        }
    }

    static void setLevels(LoggerContext context) {
        context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).setLevel(verbose ? Level.INFO : Level.WARN);
        (verbose ? VERBOSE : USUAL)
                .forEach((name, level) -> context.getLogger(name).setLevel(level));
    }

    static boolean isVerbose() {
        return verbose;
    }

    static void attach(Screen screen) {
        SCREEN.set(screen);
    }

    /** Does nothing where another screen has been attached since. */
    static void detach(Screen screen) {
        SCREEN.compareAndSet(screen, null);
    }

    /** Shows lines that belong together. */
    static void print(List<Event> messages) {
        Screen screen = SCREEN.get();
        if (screen != null) {
            screen.publish(messages);
            return;
        }
        for (Event event : messages) {
            if (event instanceof Event.Message message) {
                EventText.message(message).forEach(System.err::println);
            } else if (event instanceof Event.StatusAsked) {
                System.err.println("status: no database is being moved at the moment");
            }
        }
    }
}
