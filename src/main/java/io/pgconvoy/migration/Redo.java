package io.pgconvoy.migration;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.config.Rerun;
import io.pgconvoy.journal.DatabaseJournal;
import io.pgconvoy.journal.Journal;
import io.pgconvoy.journal.Step;
import io.pgconvoy.migration.run.ArchiveStore;
import io.pgconvoy.migration.source.DumpLane;
import io.pgconvoy.survey.RunMessages;
import java.util.List;

/** Forgets what was done with the databases that --redo names; what is theirs on the target is dropped when they come. */
final class Redo {
    private Redo() {}

    /** @param databases of this run */
    static void forget(Rerun rerun, Journal journal, List<DatabaseProperties> databases, RunMessages notes) {
        ArchiveStore archives = ArchiveStore.of(journal);
        for (DatabaseProperties database : databases) {
            DatabaseJournal markers = journal.database(database.name());
            if (rerun.redoes(database.name()) && markers.exists()) {
                boolean open = markers.read(Step.OPENED).isPresent()
                        || markers.read(Step.COMPLETED).isPresent();
                archives.delete(database.name());
                DumpLane.forget(markers);
                notes.info(database.name() + ": moved anew, as --redo says"
                        + (open ? "; what was written to it on the target since is dropped with it" : ""));
            }
        }
    }
}
