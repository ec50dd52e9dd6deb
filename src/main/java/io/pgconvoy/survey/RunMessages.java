package io.pgconvoy.survey;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.catalog.DeferrableTable;
import io.pgconvoy.config.ByteSize;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.globals.GlobalsResult;
import io.pgconvoy.model.Failure;
import io.pgconvoy.postgres.retry.TransientRetry;
import io.pgconvoy.report.Event;
import io.pgconvoy.report.Event.Level;
import io.pgconvoy.report.Events;
import io.pgconvoy.tuning.TuningOutcome;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** What the run has to say that is not about one database: said at once, and kept for the summary. Thread-safe. */
public final class RunMessages {
    private final Events events;
    private final List<String> warnings = Collections.synchronizedList(new ArrayList<>());
    private final List<Failure> errors = Collections.synchronizedList(new ArrayList<>());

    public RunMessages(Events events) {
        this.events = events;
    }

    public void info(String text) {
        events.publish(new Event.Message(Level.INFO, text));
    }

    public void warning(String text) {
        warnings.add(text);
        events.publish(new Event.Message(Level.WARNING, text));
    }

    /** What is over soon, and matters while it lasts. */
    public void passing(String text) {
        events.publish(new Event.Message(Level.WARNING, text));
    }

    /** Keeps for the summary what was tried again. */
    public void triedAgain(TransientRetry retry) {
        retry.notes().forEach(this::warning);
    }

    public void error(PgconvoyException failure) {
        error(Failure.of(failure));
    }

    /** Something of the target's that did not arrive, or not as it was. */
    public void error(String text) {
        error(new Failure(ErrorKind.TARGET, text, ""));
    }

    /** The same words once. */
    public void error(Failure failure) {
        synchronized (errors) {
            if (errors.stream().anyMatch(told -> told.line().equals(failure.line()))) {
                return;
            }
            errors.add(failure);
        }
        events.publish(new Event.Message(Level.ERROR, failure.message(), failure.hint()));
    }

    public void globals(GlobalsResult result) {
        if (!result.changes().isEmpty()) {
            info("globals: " + result.changes().size() + " changes");
        }
        result.warnings().forEach(this::warning);
        result.failures().forEach(this::error);
    }

    public void tuned(TuningOutcome outcome) {
        if (!outcome.changed().isEmpty()) {
            info("the target is tuned: " + String.join(", ", outcome.changed()));
        }
        outcome.left().forEach(this::info);
        outcome.warnings().forEach(this::warning);
    }

    public void deferred(Map<DatabaseName, List<DeferrableTable>> deferred) {
        deferred.forEach((database, tables) -> {
            ByteSize size = new ByteSize(
                    tables.stream().mapToLong(DeferrableTable::bytes).sum());
            String what = tables.size() == 1
                    ? "table " + tables.get(0).schema() + "." + tables.get(0).name()
                    : tables.size() + " tables";
            info("database \"" + database + "\": the data of " + what + ", " + size + ", follows when all else is up");
        });
    }

    public void begin(Discovery discovery, EarlierWork earlier) {
        List<DatabaseProperties> todo = discovery.databases().stream()
                .filter(database -> !earlier.isComplete(database))
                .toList();
        ByteSize total = todo.stream().map(DatabaseProperties::size).reduce(new ByteSize(0), ByteSize::plus);
        int complete = discovery.databases().size() - todo.size();
        if (complete > 0) {
            info("complete since an earlier run: " + complete + " of "
                    + discovery.databases().size());
        }
        events.publish(new Event.MigrationStarted(
                todo.stream().map(DatabaseProperties::name).toList(), total));
    }

    public List<String> warnings() {
        return List.copyOf(warnings);
    }

    public List<Failure> errors() {
        return List.copyOf(errors);
    }
}
