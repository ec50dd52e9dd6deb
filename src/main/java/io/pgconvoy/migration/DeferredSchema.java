package io.pgconvoy.migration;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.journal.DeferralMarkers.Deferred;
import io.pgconvoy.journal.DeferralMarkers.DeferredForeignKey;
import io.pgconvoy.postgres.ArchiveToc;
import io.pgconvoy.postgres.PgRestore;
import io.pgconvoy.postgres.RestoreError;
import io.pgconvoy.transfer.LateRestore;
import io.pgconvoy.transfer.LoadEvidence;
import io.pgconvoy.transfer.RestorePlan;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Restores a database with deferred tables: all but what has to wait for their data. */
final class DeferredSchema {
    private final Workshop shop;
    private final DatabaseName name;
    private final Deferred deferred;

    DeferredSchema(Workshop shop, DatabaseName name, Deferred deferred) {
        this.shop = shop;
        this.name = name;
        this.deferred = deferred;
    }

    /** Restores as {@link PgRestore#restore} does, and adds the foreign keys that are validated later. */
    List<RestoreError> restore(Path archive, ArchiveToc toc, PgRestore.Options options, Runnable onTableDone) {
        RestorePlan plan = RestorePlan.of(toc, deferred, shop.target().version());
        if (options.clean()) {
            forget();
        }
        List<RestoreError> errors = new ArrayList<>(shop.pgRestore()
                .restore(name, archive, toc, options.only(plan.regular()), onTableDone, shop.cancellation()));
        shop.deferral()
                .foreignKeys()
                .addNotValid(name, plan.foreignKeysNotValid())
                .forEach(failure -> errors.add(new RestoreError("", failure, "")));
        // By now users' event triggers are there.
        new LateRestore(shop.target(), shop.pgRestore(), name, archive, toc, shop.cancellation())
                .restore(plan.foreignKeyDependents())
                .forEach(failure -> errors.add(new RestoreError("", failure, "")));
        return errors;
    }

    /** What an earlier attempt left in a database that is not dropped as a whole: pg_restore drops what its list names. */
    private void forget() {
        new LoadEvidence(shop.target(), shop.journal().id()).drop(name);
        List<DeferredForeignKey> keys = deferred.foreignKeys();
        shop.deferral().foreignKeys().drop(name, keys);
    }
}
