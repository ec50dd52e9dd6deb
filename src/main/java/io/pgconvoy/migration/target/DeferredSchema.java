package io.pgconvoy.migration.target;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.journal.DeferralMarkers.Deferred;
import io.pgconvoy.journal.DeferralMarkers.DeferredForeignKey;
import io.pgconvoy.migration.run.Run;
import io.pgconvoy.postgres.toc.ArchiveToc;
import io.pgconvoy.postgres.tools.PgRestore;
import io.pgconvoy.postgres.tools.RestoreError;
import io.pgconvoy.transfer.LateRestore;
import io.pgconvoy.transfer.LoadEvidence;
import io.pgconvoy.transfer.RestorePlan;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Restores a database with deferred tables: all but what has to wait for their data. */
record DeferredSchema(Run run, DatabaseName name, Deferred deferred) {
    /** Restores as {@link PgRestore#restore} does, and adds the foreign keys that are validated later. */
    List<RestoreError> restore(Path archive, ArchiveToc toc, PgRestore.Options options, Runnable onTableDone) {
        RestorePlan plan = RestorePlan.of(toc, deferred, run.target().version());
        if (options.clean()) {
            forget();
        }
        List<RestoreError> errors = new ArrayList<>(run.pgRestore()
                .restore(name, archive, toc, options.only(plan.regular()), onTableDone, run.cancellation()));
        run.foreignKeys()
                .addNotValid(name, plan.foreignKeysNotValid())
                .forEach(failure -> errors.add(new RestoreError("", failure, "")));
        // By now users' event triggers are there.
        new LateRestore(run.target(), run.pgRestore(), name, archive, toc, run.cancellation())
                .restore(plan.foreignKeyDependents())
                .forEach(failure -> errors.add(new RestoreError("", failure, "")));
        return errors;
    }

    /** What an earlier attempt left in a database that is not dropped as a whole: pg_restore drops what its list names. */
    private void forget() {
        new LoadEvidence(run.target(), run.journal().id()).drop(name);
        List<DeferredForeignKey> keys = deferred.foreignKeys();
        run.foreignKeys().drop(name, keys);
    }
}
