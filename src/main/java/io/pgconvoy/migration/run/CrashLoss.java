package io.pgconvoy.migration.run;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.DatabaseJournal;
import io.pgconvoy.journal.DeferralMarkers.Opened;
import io.pgconvoy.journal.Markers;
import io.pgconvoy.journal.Markers.TableRows;
import io.pgconvoy.journal.Step;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.report.Event;
import io.pgconvoy.survey.UnloggedTables;
import io.pgconvoy.verify.rows.TableChanges;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What becomes of a database whose unlogged tables a crash of the target has emptied after they were restored: it is moved
 * again, unless clients have written to it since, which nobody but the administrator may give up.
 */
public final class CrashLoss {
    private final Run run;
    private final DatabaseProperties database;
    private final DatabaseJournal journal;
    private final UnloggedTables unlogged;

    public CrashLoss(Run run, DatabaseProperties database, DatabaseJournal journal) {
        this.run = run;
        this.database = database;
        this.journal = journal;
        this.unlogged = new UnloggedTables(run.target());
    }

    /** The tables that are empty since; none where the database is not restored, or anew. */
    public List<String> lost() {
        if (journal.read(Step.UNLOGGED).isEmpty() || !run.targetDatabases().isRestored(database.name(), journal)) {
            return List.of();
        }
        if (database.allowsConnections()) {
            return unlogged.lost(database.name(), journal.read(Step.UNLOGGED));
        }
        // Its last step was to refuse connections.
        run.targetDatabases().reopen(database.name(), journal);
        try {
            return unlogged.lost(database.name(), journal.read(Step.UNLOGGED));
        } finally {
            if (journal.read(Step.COMPLETED).isPresent()) {
                run.targetDatabases().close(database.name(), journal);
            }
        }
    }

    /**
     * Forgets the restore, if anything of it is lost.
     *
     * @return whether that is so, and the database has to be restored again
     * @throws PgconvoyException where clients have written to it
     */
    public boolean forgetLost() {
        List<String> lost = lost();
        if (lost.isEmpty()) {
            return false;
        }
        List<String> reasons = reasonsToKeep(lost);
        if (!reasons.isEmpty()) {
            throw kept(lost, reasons.get(0));
        }
        journal.deleteAfterCreation();
        // The rows that were missing are there in the dump.
        journal.delete(Step.DUMP_AGAIN);
        run.events()
                .publish(new Event.Message(
                        Event.Level.WARNING,
                        database.name() + ": restored again, since a crash of the target server emptied "
                                + names(lost)));
        return true;
    }

    /**
     * What to say where nothing can be done about it in this run.
     *
     * @param lost at least one table
     */
    public PgconvoyException failure(List<String> lost) {
        return new PgconvoyException(
                ErrorKind.TARGET,
                where() + "a crash of the server emptied " + names(lost),
                "Run the same command again, which restores the database again unless clients have written to it since.");
    }

    private PgconvoyException kept(List<String> lost, String reason) {
        return new PgconvoyException(
                ErrorKind.TARGET,
                where() + "a crash of the server emptied " + names(lost)
                        + ", and the database cannot be moved anew without" + " a decision: " + reason,
                "To move it anew without what clients have written, run again with --redo '" + database.name()
                        + "'. To keep that, fill these tables by hand; or leave the database out with --exclude-db.");
    }

    private String where() {
        return run.target().label() + ", database \"" + database.name() + "\": ";
    }

    private static String names(List<String> lost) {
        return (lost.size() == 1 ? "its unlogged table " : lost.size() + " of its unlogged tables: ")
                + String.join(", ", lost.subList(0, Math.min(5, lost.size())))
                + (lost.size() > 5 ? ", ..." : "");
    }

    /** Before it is open to clients, nobody has anything in it. */
    private List<String> reasonsToKeep(List<String> lost) {
        Optional<Markers.Completed> completed = journal.read(Step.COMPLETED);
        Optional<Opened> opened = journal.read(Step.OPENED);
        if (completed.isEmpty() && opened.isEmpty()) {
            return List.of();
        }
        Optional<String> moment = completed.flatMap(Markers.Completed::transactions);
        Optional<Markers.Dumped> dumped = journal.read(Step.DUMPED).filter(Markers.Dumped::isCounted);
        if (opened.isPresent() || moment.isEmpty() || dumped.isEmpty() || !database.allowsConnections()) {
            return List.of("whether clients have written to it cannot be told");
        }
        return run.targetDatabases().giveUpUnless(journal, inside -> written(inside, moment.get(), dumped.get(), lost));
    }

    private static List<String> written(Session inside, String moment, Markers.Dumped dumped, List<String> lost) {
        Set<String> empty = new HashSet<>(lost);
        List<TableRows> expected = dumped.tables().stream()
                .filter(table -> !empty.contains(table.schema() + "." + table.table()))
                .toList();
        return TableChanges.anySince(inside, moment, expected);
    }
}
