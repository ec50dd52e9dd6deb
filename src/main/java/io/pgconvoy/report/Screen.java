package io.pgconvoy.report;

import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The one owner of stderr while a migration runs: events and log lines come in from any thread, and a thread of its own
 * shows them in the order in which they came. Safe for use by many threads.
 */
public final class Screen implements Events, AutoCloseable {
    private static final Duration TICK = Duration.ofMillis(200);
    /** How long closing waits for a terminal that does not take the rest: it may be stopped with Ctrl-S. */
    private static final Duration PATIENCE = Duration.ofSeconds(3);
    /** So many events wait only when stderr is stuck; progress is then dropped, for newer progress replaces it. */
    private static final int STUCK = 10_000;

    private final LinkedBlockingQueue<List<Event>> queue = new LinkedBlockingQueue<>();
    private final Object lock = new Object();
    private final Renderer renderer;
    private final PrintStream err;
    private final Duration patience;
    private final Thread thread;
    /** Guarded by the lock, which makes sure that nothing is queued behind the end. */
    private boolean closed;

    Screen(Renderer renderer, PrintStream err, Duration patience) {
        this.renderer = renderer;
        this.err = err;
        this.patience = patience;
        this.thread = new Thread(this::run, "screen");
        this.thread.setDaemon(true);
        this.thread.start();
    }

    /**
     * Takes stderr over, for this program's log lines too, until it is closed.
     *
     * @param plain true for plain lines even on a terminal
     */
    public static Screen open(boolean plain) {
        PrintStream err = System.err;
        Clock clock = Clock.system(ZoneId.systemDefault());
        Optional<StderrTerminal> terminal = plain ? Optional.empty() : StderrTerminal.detect(System.getenv());
        // https://no-color.org: any value but the empty one.
        boolean colour = System.getenv().getOrDefault("NO_COLOR", "").isEmpty();
        Renderer renderer = terminal.<Renderer>map(found -> new TerminalRenderer(err, found::size, colour, clock))
                .orElseGet(() -> new LineRenderer(err, clock));
        Screen screen = new Screen(renderer, err, PATIENCE);
        Logging.attach(screen);
        return screen;
    }

    /** Has the screen that is open, if any, say where the run stands. */
    public static void tellStatus() {
        Logging.print(List.of(new Event.StatusAsked()));
    }

    /** After closing, messages go to stderr as they are, and other events nowhere. */
    @Override
    public void publish(Event event) {
        publish(List.of(event));
    }

    /** Hands events over that are shown with none of another thread between them. */
    void publish(List<Event> events) {
        if (events.isEmpty()) {
            return;
        }
        synchronized (lock) {
            if (!closed) {
                if (queue.size() < STUCK || !(events.get(0) instanceof Event.PhaseProgress)) {
                    queue.add(events);
                }
                return;
            }
        }
        // Where the screen's thread still hangs in a write, another write would hang as well.
        if (!thread.isAlive()) {
            events.forEach(this::printPlainly);
        }
    }

    /**
     * Shows what has been published, gives up after a few seconds where stderr takes nothing, and leaves the terminal to
     * others. Closing twice does nothing.
     */
    @Override
    public void close() {
        synchronized (lock) {
            if (!closed) {
                closed = true;
                queue.add(List.of());
            }
        }
        Logging.detach(this);
        joinDespiteInterruption();
    }

    private void run() {
        long nextTick = System.nanoTime();
        try {
            while (true) {
                List<Event> events = queue.poll(nextTick - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (events != null) {
                    if (events.isEmpty()) {
                        break;
                    }
                    events.forEach(event -> guarded(() -> renderer.show(event)));
                }
                if (nextTick - System.nanoTime() <= 0) {
                    guarded(renderer::tick);
                    nextTick = System.nanoTime() + TICK.toNanos();
                }
            }
        } catch (InterruptedException unexpected) {
            // Nobody interrupts this thread; ending it is what was asked for.
            Thread.currentThread().interrupt();
        }
        guarded(renderer::close);
    }

    /** A bug in showing things must not end the migration, nor silence what comes after. */
    private void guarded(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException bug) {
            err.println("the screen failed: " + Printable.of(bug.toString()));
        }
    }

    private void printPlainly(Event event) {
        if (event instanceof Event.Message message) {
            EventText.message(message).forEach(err::println);
        }
    }

    /** An interrupted run has the most to say on its way out, so an interrupt does not cut the waiting short. */
    private void joinDespiteInterruption() {
        boolean interrupted = false;
        long deadline = System.nanoTime() + patience.toNanos();
        while (thread.isAlive()) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) {
                break;
            }
            try {
                thread.join(left);
            } catch (InterruptedException interrupt) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
