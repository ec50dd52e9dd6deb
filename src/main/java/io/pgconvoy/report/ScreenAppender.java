package io.pgconvoy.report;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import java.util.ArrayList;
import java.util.List;

/** Turns log lines into messages on the screen, so that they never run across its rows. */
final class ScreenAppender extends UnsynchronizedAppenderBase<ILoggingEvent> {
    private static final String OWN = "io.pgconvoy.";

    @Override
    protected void append(ILoggingEvent event) {
        Logging.print(messages(event, Logging.isVerbose()));
    }

    /**
     * One message for the line; where it came with an exception, one more with that, or one for each line of its stack
     * trace: for errors always, for the rest when verbose.
     */
    static List<Event> messages(ILoggingEvent event, boolean verbose) {
        Event.Level level = level(event.getLevel());
        String logger = event.getLoggerName();
        String origin = logger.startsWith(OWN) ? "" : logger.substring(logger.lastIndexOf('.') + 1) + ": ";
        List<Event> messages = new ArrayList<>();
        messages.add(new Event.Message(level, origin + event.getFormattedMessage()));
        IThrowableProxy thrown = event.getThrowableProxy();
        if (thrown != null && (verbose || level == Event.Level.ERROR)) {
            ThrowableProxyUtil.asString(thrown)
                    .lines()
                    .map(line -> new Event.Message(Event.Level.INFO, line.replace("\t", "    ")))
                    .forEach(messages::add);
        } else if (thrown != null) {
            messages.add(
                    new Event.Message(Event.Level.INFO, "    " + thrown.getClassName() + ": " + thrown.getMessage()));
        }
        return messages;
    }

    private static Event.Level level(Level level) {
        if (level.isGreaterOrEqual(Level.ERROR)) {
            return Event.Level.ERROR;
        }
        return level.isGreaterOrEqual(Level.WARN) ? Event.Level.WARNING : Event.Level.INFO;
    }
}
