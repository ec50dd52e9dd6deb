package io.pgconvoy.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class LoggingTest {
    private static final Logger OWN = LoggerFactory.getLogger("io.pgconvoy.migration.Pipeline");
    private static final Logger BULKHEAD = LoggerFactory.getLogger("io.github.resilience4j.bulkhead.Bulkhead");
    private static final java.util.logging.Logger DRIVER =
            java.util.logging.Logger.getLogger("org.postgresql.core.v3.ConnectionFactoryImpl");

    private final Output output = new Output();
    private final PrintStream stderr = System.err;

    @BeforeEach
    void captureStderr() {
        System.setErr(output.stream());
    }

    @AfterEach
    void releaseStderr() {
        System.setErr(stderr);
        Logging.configure(false);
    }

    @Test
    void keepsTheLibrariesQuietUnlessAsked() {
        Logging.configure(false);
        OWN.debug("not this");
        OWN.info("this");
        BULKHEAD.error("not this");
        DRIVER.severe("not this");
        assertThat(output.lines()).containsExactly("this");
    }

    @Test
    void showsTheLibrariesLinesWhenVerbose() {
        Logging.configure(true);
        OWN.debug("own");
        BULKHEAD.info("permit {}", 1);
        DRIVER.log(java.util.logging.Level.WARNING, "driver {0}", "{}");
        DRIVER.info("not this");
        assertThat(output.lines())
                .containsExactly("own", "Bulkhead: permit 1", "warning: ConnectionFactoryImpl: driver {}");
    }

    @Test
    void goesThroughTheScreenWhileThatIsOpen() {
        Logging.configure(false);
        Output seen = new Output();
        Screen screen =
                new Screen(new LineRenderer(seen.stream(), Clock.systemUTC()), seen.stream(), Duration.ofSeconds(30));
        Logging.attach(screen);
        OWN.warn("inside");
        screen.close();
        OWN.warn("outside");
        assertThat(seen.lines()).singleElement().asString().endsWith(" warning: inside");
        assertThat(output.lines()).containsExactly("warning: outside");
    }

    @Test
    void showsStackTracesOfErrorsLineByLine() {
        Logging.configure(false);
        OWN.error("a bug", new IllegalStateException("broken\u001b[2J"));
        assertThat(output.lines().get(0)).isEqualTo("error: a bug");
        assertThat(output.lines().get(1)).isEqualTo("java.lang.IllegalStateException: broken\\u001b[2J");
        assertThat(output.lines().get(2)).startsWith("    at io.pgconvoy.report.LoggingTest");
    }

    @Test
    void showsWarningsExceptionsInOneLine() {
        Logging.configure(false);
        OWN.warn("retrying", new IllegalStateException("gone\naway"));
        assertThat(output.lines())
                .containsExactly("warning: retrying", "    java.lang.IllegalStateException: gone\\naway");
    }
}
