package io.pgconvoy.tuning;

import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.JournalStore;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.SqlFailure;
import io.pgconvoy.postgres.SqlState;
import io.pgconvoy.postgres.concurrent.Uninterruptibly;
import io.pgconvoy.tuning.TuningState.Change;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Changes the target's settings for the time of the load, and puts them back.
 *
 * <p>Tuning is a debt: a file in the journal says what was there before anything is changed, and goes only when the
 * target is as it was. So {@link #revert} may be called at any time, in any process, any number of times.
 *
 * <p>Safe for use by several threads, one of which waits for the other: a shutdown hook may revert while the main
 * thread tunes.
 */
public final class TargetTuning {
    /** How long a server gets to load its configuration files. */
    private static final Duration RELOAD = Duration.ofSeconds(15);

    private final Server target;
    private final JournalStore journal;
    private final String by;
    private Optional<EarlyFlush> earlyFlush = Optional.empty();
    private boolean closed;

    /**
     * Looks at nothing yet.
     *
     * @param journal of this migration
     */
    public TargetTuning(Server target, JournalStore journal) {
        this(target, journal, "process " + ProcessHandle.current().pid());
    }

    /**
     * Looks at nothing yet.
     *
     * @param by who tunes, for whoever finds the target tuned
     */
    public TargetTuning(Server target, JournalStore journal, String by) {
        this.target = target.undisturbed();
        this.journal = journal;
        this.by = by;
    }

    /** What the target itself says of tuning that is in force, for people; empty where it says nothing. */
    public static Optional<InForce> inForce(Server target) {
        try (Session session = target.session("asking for its tuning")) {
            return TuningMark.inForce(session).map(InForce::of);
        }
    }

    /** What a journal says is not reverted yet; empty where it cannot be read, too. */
    public static Optional<InForce> owed(JournalStore journal) {
        return readable(journal).map(InForce::of);
    }

    /**
     * The same, as far as the target is still so: another run, or revert-tuning on another machine, may have reverted it.
     */
    public static Optional<InForce> owed(JournalStore journal, Server target) {
        Optional<TuningState> owed = readable(journal);
        if (owed.isEmpty()) {
            return Optional.empty();
        }
        try (Session session = target.session("asking for its tuning")) {
            Map<String, ServerSetting> now = FreshSession.settings(session);
            return owed.filter(state -> !state.changes().stream()
                            .allMatch(change -> Optional.ofNullable(now.get(change.name()))
                                    .map(ServerSetting::text)
                                    .equals(Optional.of(change.effectiveBefore()))))
                    .map(InForce::of);
        }
    }

    private static Optional<TuningState> readable(JournalStore journal) {
        try {
            return journal.read(TuningState.OWED);
        } catch (PgconvoyException damaged) {
            return Optional.empty();
        }
    }

    /**
     * Tuning that somebody has still to revert.
     *
     * @param by who tuned
     * @param since by that machine's clock
     * @param lines what is not as it was
     */
    public record InForce(String by, Instant since, List<String> lines) {
        public InForce {
            lines = List.copyOf(lines);
        }

        private static InForce of(TuningState state) {
            return new InForce(state.by().orElse("somebody"), state.written(), state.lines());
        }
    }

    /**
     * Reverts what the target says is tuned, whoever did that and wherever the journal is; nobody may be at work there.
     *
     * @return empty where it says nothing
     */
    public static Optional<RevertOutcome> revertMarked(Server server) {
        Server target = server.undisturbed();
        return Uninterruptibly.call(
                "tuning-revert",
                () -> mark(target)
                        .map(state -> new TuningRevert(
                                        target,
                                        settled -> {},
                                        TuningMark.PARAMETER + " in its postgresql.auto.conf",
                                        RevertCommand.of(target.endpoint(), Optional.empty()),
                                        RELOAD)
                                .revert(state)));
    }

    private static Optional<TuningState> mark(Server target) {
        try (Session session = target.session("asking for its tuning")) {
            return TuningMark.in(new AutoConf(session).entries());
        } catch (SqlFailure failure) {
            if (SqlState.isPrivilege(failure)) {
                // Who may not look may not have tuned, either.
                return Optional.empty();
            }
            throw failure;
        }
    }

    /**
     * Where another run that is at work has tuned the target, owes that together with it.
     *
     * @return what is tuned; empty where nothing is
     */
    public synchronized Optional<List<String>> join() {
        Optional<TuningState> mark = mark(target);
        mark.ifPresent(state -> journal.write(TuningState.OWED, state));
        return mark.map(TuningState::lines);
    }

    /**
     * Leaves the tuning to other runs that are at work: the target tells them of it.
     *
     * @return whether it does; else it is still owed
     */
    public synchronized boolean handOver() {
        Optional<TuningState> owed = journal.read(TuningState.OWED);
        boolean marked = owed.isPresent() && mark(target).equals(owed);
        if (marked) {
            closed = true;
            earlyFlush.ifPresent(EarlyFlush::close);
            settle(owed.get());
        }
        return marked;
    }

    /** Whether a target has still to be put back: by an earlier run that was killed, or by this one. */
    public static boolean isOwed(JournalStore journal) {
        return journal.has(TuningState.OWED);
    }

    /** Whether it is this server, by whatever address, that has still to be put back. */
    public static boolean isOwedTo(Server server, JournalStore journal) {
        return Identity.isOwedTo(server, journal, TuningState.OWED);
    }

    /**
     * Tunes; on return new sessions have the settings. Whatever cannot be done is said in the outcome, not thrown.
     * After {@link #revert} on the same object it does nothing. An interrupt of the calling thread waits, and is kept.
     *
     * @throws IllegalStateException where an earlier tuning is not reverted yet: call {@link #revert} first, on an
     *     object of its own
     * @throws io.pgconvoy.config.PgconvoyException where the target cannot be reached or the state not written; what
     *     was done until then is on disk, to be reverted
     */
    public synchronized TuningOutcome apply(TuningRequest request) {
        if (closed) {
            return TuningOutcome.skipped("the target is not tuned, as the run is being ended");
        }
        if (isOwed(journal)) {
            throw new IllegalStateException(
                    "the tuning in " + journal.label(TuningState.OWED) + " is to be reverted first");
        }
        TuningOutcome outcome = Uninterruptibly.call("tuning", () -> tune(request));
        if (journal.read(TuningState.OWED)
                .filter(TuningState::touchesCrashSafety)
                .isPresent()) {
            earlyFlush = Optional.of(new EarlyFlush(target));
        }
        return outcome;
    }

    private TuningOutcome tune(TuningRequest request) {
        try (Session session = target.session("tuning the target")) {
            Optional<String> obstacle = obstacle(session);
            return obstacle.isPresent()
                    ? TuningOutcome.skipped("the target is not tuned: " + obstacle.get())
                    : change(session, prepare(request, session));
        }
    }

    /**
     * Puts everything back exactly as it was, as far as it is still as {@link #apply} left it; then has it all on
     * disk. The calling thread's interrupt neither hinders it nor is lost.
     *
     * @return empty where nothing is owed
     * @throws io.pgconvoy.config.PgconvoyException where the target cannot be reached, is another one, or does not
     *     load its configuration; the debt is then still on disk
     */
    public synchronized Optional<RevertOutcome> revert() {
        closed = true;
        earlyFlush.ifPresent(EarlyFlush::close);
        return Uninterruptibly.call(
                "tuning-revert",
                () -> journal.read(TuningState.OWED)
                        .map(state -> new TuningRevert(
                                        target,
                                        this::settle,
                                        journal.label(TuningState.OWED),
                                        RevertCommand.of(target.endpoint(), Optional.of(Path.of(journal.stateDir()))),
                                        RELOAD)
                                .revert(state)));
    }

    /** The debt is paid: keeps a record of it, then forgets it. */
    void settle(TuningState state) {
        journal.write(TuningState.PAID, state);
        journal.delete(TuningState.OWED);
    }

    /** Why nothing can be tuned at all; empty where something can. */
    private Optional<String> obstacle(Session session) {
        if (session.flag(
                "SELECT EXISTS (SELECT FROM pg_settings WHERE name = 'allow_alter_system' AND setting = 'off')")) {
            return Optional.of("allow_alter_system is off");
        }
        boolean mayReload = session.flag("""
                SELECT has_function_privilege('pg_catalog.pg_reload_conf()', 'EXECUTE')
                       AND has_function_privilege('pg_catalog.pg_show_all_file_settings()', 'EXECUTE')
                       AND has_table_privilege('pg_catalog.pg_file_settings', 'SELECT')
                """);
        if (!mayReload || FreshSession.settings(session).values().stream().noneMatch(ServerSetting::changeable)) {
            return Optional.of("role \"" + target.endpoint().user()
                    + "\" may not use ALTER SYSTEM, pg_reload_conf() and pg_file_settings"
                    + " (a superuser may); the load is slower");
        }
        // A server that cannot load its files would not load ours either, nor the old ones again.
        return new AutoConf(session)
                .syntaxError()
                .map(error -> "its configuration files have an error, and cannot be loaded: " + error);
    }

    /** Decides what to change, and writes down what is there. */
    TuningPlan prepare(TuningRequest request, Session session) {
        TuningPlan plan = TuningPlan.of(request, FreshSession.settings(session), new AutoConf(session).entries());
        if (!plan.changes().isEmpty()) {
            journal.write(
                    TuningState.OWED,
                    new TuningState(
                            TuningState.FORMAT,
                            Instant.now(),
                            target.endpoint().host(),
                            target.endpoint().port(),
                            Identity.systemIdentifier(session),
                            Optional.of(by),
                            plan.changes()));
        }
        return plan;
    }

    /** Makes the changes that are written down, and takes back what has no effect. */
    TuningOutcome change(Session session, TuningPlan plan) {
        List<String> warnings = new ArrayList<>(plan.warnings());
        AutoConf autoConf = new AutoConf(session);
        Optional<TuningState> state = journal.read(TuningState.OWED);
        if (state.isPresent() && !TuningMark.write(session, state.get())) {
            warnings.add("other runs are not told of the tuning, as the target refuses the parameter "
                    + TuningMark.PARAMETER);
        }
        List<Change> made = alter(autoConf, plan.changes(), warnings);
        List<String> changed = new ArrayList<>();
        if (!made.isEmpty()) {
            boolean loaded = FreshSession.reload(session, RELOAD);
            Map<String, ServerSetting> fresh = FreshSession.settings(target);
            List<Change> ineffective = new ArrayList<>();
            for (Change change : made) {
                ServerSetting now = fresh.get(change.name());
                if (now.text().equals(change.value())) {
                    changed.add(change.name() + ": " + change.effectiveBefore() + " -> " + change.value());
                } else {
                    ineffective.add(change);
                    warnings.add(change.name() + ": not tuned, as ALTER SYSTEM had no effect: it is still " + now.text()
                            + (loaded ? "" : ", since the server did not load its configuration files in time"));
                }
            }
            takeBack(session, autoConf, ineffective);
        }
        if (changed.isEmpty() && state.isPresent()) {
            TuningMark.remove(session);
            FreshSession.reload(session, RELOAD);
            // Nothing is changed, so nothing is owed.
            settle(state.get());
        }
        return new TuningOutcome(changed, plan.left(), warnings);
    }

    private static List<Change> alter(AutoConf autoConf, List<Change> changes, List<String> warnings) {
        List<Change> made = new ArrayList<>();
        for (Change change : changes) {
            try {
                autoConf.write(change.name(), Optional.of(change.value()));
                made.add(change);
            } catch (SqlFailure refused) {
                if (SqlState.isBrokenOff(refused)) {
                    throw refused;
                }
                // Managed services refuse single settings, each in a way of its own.
                warnings.add(change.name() + ": not tuned: " + refused.inFull());
            }
        }
        return made;
    }

    private void takeBack(Session session, AutoConf autoConf, List<Change> ineffective) {
        for (Change change : ineffective) {
            autoConf.write(change.name(), change.before());
        }
        if (!ineffective.isEmpty()) {
            FreshSession.reload(session, RELOAD);
        }
    }
}
