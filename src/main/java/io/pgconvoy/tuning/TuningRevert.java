package io.pgconvoy.tuning;

import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.SqlFailure;
import io.pgconvoy.postgres.SqlState;
import io.pgconvoy.tuning.TuningState.Change;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Pays the debt that a {@link TuningState} tells of. Every step can be repeated, and all are, until the state file is
 * gone: a process that is killed in between costs nothing but the time.
 */
final class TuningRevert {
    private final Server target;
    private final Consumer<TuningState> settled;
    private final String keptIn;
    private final String command;
    private final Duration patience;

    /**
     * One that has not begun.
     *
     * @param settled forgets the debt when it is paid
     * @param keptIn where it is written down, for people
     * @param command that begins anew where this fails
     */
    TuningRevert(Server target, Consumer<TuningState> settled, String keptIn, String command, Duration patience) {
        this.target = target;
        this.settled = settled;
        this.keptIn = keptIn;
        this.command = command;
        this.patience = patience;
    }

    RevertOutcome revert(TuningState state) {
        try {
            return settle(state);
        } catch (SqlFailure failure) {
            throw stillOwed(state, failure.getMessage(), failure);
        } catch (PgconvoyException failure) {
            // Of those, only a failed connection comes from the driver.
            throw !SqlState.state(failure).isEmpty() ? stillOwed(state, failure.getMessage(), failure) : failure;
        }
    }

    private RevertOutcome settle(TuningState state) {
        List<String> warnings = new ArrayList<>();
        List<String> refusals = new ArrayList<>();
        List<Change> ours;
        try (Session session = target.session("reverting the tuning")) {
            state.require(
                    session, ErrorKind.TARGET, "that was tuned", "pgconvoy revert-tuning with the --to-...", keptIn);
            Optional<TuningState> mark = TuningMark.in(new AutoConf(session).entries());
            if (mark.isPresent() && !mark.equals(Optional.of(state))) {
                // What is there now is another run's, whose values before may equal ours.
                settled.accept(state);
                return new RevertOutcome(
                        List.of(),
                        List.of("left alone: the target's tuning, which is another run's by now: "
                                + mark.get().by().orElse("somebody") + ", since "
                                + mark.get().written()),
                        true);
            }
            ours = restoreEntries(state, session, warnings, refusals);
            if (refusals.isEmpty()) {
                // Last, since it tells what there is to be reverted.
                removeMark(session, mark);
            }
            load(state, session);
        }
        List<String> instructions = List.of();
        Map<String, ServerSetting> fresh;
        try (Session session = target.session("reverting the tuning")) {
            if (state.touchesCrashSafety()) {
                rewrite(ours, session);
                instructions = DiskFlush.flush(session);
            }
            fresh = FreshSession.settings(session);
        }
        if (!refusals.isEmpty()) {
            throw stillOwed(state, target.label() + ": " + String.join("; ", refusals), null);
        }
        List<String> restored = compare(ours, fresh, warnings);
        warnings.addAll(instructions);
        settled.accept(state);
        return new RevertOutcome(restored, warnings, instructions.isEmpty());
    }

    /**
     * Puts the entries back that are still as we wrote them.
     *
     * @return all changes whose entry is as before now
     */
    private static List<Change> restoreEntries(
            TuningState state, Session session, List<String> warnings, List<String> refusals) {
        AutoConf autoConf = new AutoConf(session);
        Map<String, AutoConf.Entry> entries = autoConf.entries();
        List<Change> ours = new ArrayList<>();
        // From the last to the first: fsync is the first to be on again, and the other entries are written safely.
        for (int i = state.changes().size() - 1; i >= 0; i--) {
            Change change = state.changes().get(i);
            Optional<String> entry =
                    Optional.ofNullable(entries.get(change.name())).map(AutoConf.Entry::value);
            if (entry.equals(Optional.of(change.value()))) {
                try {
                    autoConf.write(change.name(), change.before());
                    ours.add(change);
                } catch (SqlFailure refused) {
                    if (SqlState.isTransient(refused)) {
                        throw refused;
                    }
                    // The others, and fsync before all, are still worth being reverted.
                    refusals.add(change.name() + ": " + refused.inFull());
                }
            } else if (entry.equals(change.before())) {
                ours.add(change);
            } else {
                warnings.add(change.name() + ": left as it is, since somebody changed it meanwhile: in"
                        + " postgresql.auto.conf it is " + said(entry) + "; before the tuning it was "
                        + said(change.before()));
            }
        }
        return ours;
    }

    private static void removeMark(Session session, Optional<TuningState> mark) {
        if (mark.isPresent()) {
            TuningMark.remove(session);
        }
    }

    private static String said(Optional<String> entry) {
        return entry.map(value -> "'" + value + "'").orElse("absent");
    }

    private void load(TuningState state, Session session) {
        if (!FreshSession.reload(session, patience)) {
            String error = new AutoConf(session)
                    .syntaxError()
                    .map(text -> " (" + text + ")")
                    .orElse("");
            throw stillOwed(
                    state,
                    target.label()
                            + ": the old settings are in its postgresql.auto.conf, but it did not load its configuration files within "
                            + patience.toSeconds() + " s" + error,
                    null);
        }
    }

    /**
     * Has postgresql.auto.conf written once more, whole, as ALTER SYSTEM always does. While fsync was off the server did
     * not bring even that file to disk; this session began with fsync on.
     */
    private static void rewrite(List<Change> ours, Session session) {
        if (!ours.isEmpty()) {
            new AutoConf(session).write(ours.get(0).name(), ours.get(0).before());
        }
    }

    private static List<String> compare(List<Change> ours, Map<String, ServerSetting> fresh, List<String> warnings) {
        List<String> restored = new ArrayList<>();
        for (Change change : ours) {
            String now = fresh.get(change.name()).text();
            if (now.equals(change.effectiveBefore())) {
                restored.add(change.name() + ": " + now + " again");
            } else {
                warnings.add(change.name() + ": reverted, but now it is " + now + " where it was "
                        + change.effectiveBefore() + " before: its value elsewhere was changed meanwhile");
            }
        }
        return restored;
    }

    /** The command comes last, where it is read. */
    private PgconvoyException stillOwed(TuningState state, String why, Throwable cause) {
        String unsafe = state.changes().stream()
                .filter(Change::isCrashSafety)
                .map(change -> change.name() + " is " + change.value())
                .collect(Collectors.joining(", "));
        return new PgconvoyException(
                ErrorKind.TARGET,
                "the target's tuning is not reverted: " + why,
                "What was set before is kept in " + keptIn + "."
                        + (unsafe.isEmpty()
                                ? ""
                                : " Until it is reverted, a crash can destroy the target: " + unsafe + ".")
                        + " Put that right and run the same command again, or: " + command,
                cause);
    }
}
