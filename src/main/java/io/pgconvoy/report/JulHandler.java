package io.pgconvoy.report;

import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;
import org.slf4j.LoggerFactory;

/** Passes on what libraries log with java.util.logging, pgjdbc among them. */
final class JulHandler extends Handler {
    private final SimpleFormatter formatter = new SimpleFormatter();

    @Override
    public void publish(LogRecord logged) {
        if (!isLoggable(logged)) {
            return;
        }
        String name = logged.getLoggerName() == null ? "java.util.logging" : logged.getLoggerName();
        LoggerFactory.getLogger(name)
                .atLevel(
                        logged.getLevel().intValue() >= Level.WARNING.intValue()
                                ? org.slf4j.event.Level.WARN
                                : org.slf4j.event.Level.INFO)
                .setCause(logged.getThrown())
                // As an argument: a brace in it is not a placeholder.
                .log("{}", formatter.formatMessage(logged));
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
}
