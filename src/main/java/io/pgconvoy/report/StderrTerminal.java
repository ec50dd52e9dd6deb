package io.pgconvoy.report;

import java.util.Map;
import java.util.Optional;
import org.jline.nativ.CLibrary;
import org.jline.nativ.CLibrary.WinSize;
import org.jline.nativ.JLineNativeLoader;

/**
 * The terminal behind stderr, asked but never changed.
 *
 * <p>This uses JLine's system calls rather than its Terminal, which would need stdin to be a terminal too, take over
 * signals, and set the terminal's attributes when it closes: that stops a job in the background (SIGTTOU) for good.
 */
final class StderrTerminal {
    private static final int STDERR = 2;
    /** What a terminal has that does not know its size, as on a serial line. */
    private static final ScreenSize DEFAULT = new ScreenSize(80, 24);

    private StderrTerminal() {}

    /** Empty where stderr is no terminal, or one that cannot move its cursor. */
    static Optional<StderrTerminal> detect(Map<String, String> environment) {
        String type = environment.getOrDefault("TERM", "");
        if (type.isEmpty() || type.equals("dumb")) {
            return Optional.empty();
        }
        try {
            JLineNativeLoader.initialize();
            return CLibrary.isatty(STDERR) == 1 ? Optional.of(new StderrTerminal()) : Optional.empty();
        } catch (RuntimeException | LinkageError noNativeCode) {
            // No library for this machine, or a /tmp that is mounted noexec: plain lines do as well.
            return Optional.empty();
        }
    }

    /** The size now; it changes as the user resizes the window. */
    ScreenSize size() {
        WinSize size = new WinSize();
        int status = CLibrary.ioctl(STDERR, CLibrary.TIOCGWINSZ, size);
        int columns = Short.toUnsignedInt(size.ws_col);
        int rows = Short.toUnsignedInt(size.ws_row);
        return status != 0 || columns == 0 || rows == 0 ? DEFAULT : new ScreenSize(columns, rows);
    }
}
