package io.pgconvoy.report;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.core.spi.ContextAwareBase;

/**
 * Logback's configuration, found by its name in META-INF/services. In Java rather than in XML, so that the compiler reads
 * it too, and so that no line escapes to stdout before {@link Logging#configure} is called.
 */
public final class LogbackConfigurator extends ContextAwareBase implements Configurator {
    @Override
    public ExecutionStatus configure(LoggerContext context) {
        ScreenAppender appender = new ScreenAppender();
        appender.setContext(context);
        appender.setName("screen");
        appender.start();
        context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).addAppender(appender);
        Logging.setLevels(context);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }
}
