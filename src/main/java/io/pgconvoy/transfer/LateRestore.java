package io.pgconvoy.transfer;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.postgres.Ddl;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.postgres.retry.PassingFailure;
import io.pgconvoy.postgres.toc.ArchiveToc;
import io.pgconvoy.postgres.toc.TocEntry;
import io.pgconvoy.postgres.tools.PgRestore;
import io.pgconvoy.postgres.tools.RestoreError;
import io.pgconvoy.postgres.tools.ToolFailure;
import io.pgconvoy.transfer.RestorePlan.ConstraintEntry;
import io.pgconvoy.transfer.RestorePlan.ForeignKeyEntry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Function;

/**
 * Restores from one database's archive what had to wait for the data; all of it is idempotent, and users' event
 * triggers do not fire. Safe for use by many threads.
 */
public final class LateRestore {
    private final Server target;
    private final PgRestore pgRestore;
    private final DatabaseName database;
    private final Path archive;
    private final ArchiveToc toc;
    private final Cancellation cancellation;

    public LateRestore(
            Server target,
            PgRestore pgRestore,
            DatabaseName database,
            Path archive,
            ArchiveToc toc,
            Cancellation cancellation) {
        this.target = target;
        this.pgRestore = pgRestore;
        this.database = database;
        this.archive = archive;
        this.toc = toc;
        this.cancellation = cancellation;
    }

    DatabaseName database() {
        return database;
    }

    /** The tablespace for what is made here without pg_restore: the archive's, or the database's own, which is empty. */
    String tablespace(Optional<String> wanted) {
        return pgRestore.restoresTablespaces() ? wanted.orElse("") : "";
    }

    /** Those of the entries that need none of the others. */
    List<TocEntry> without(List<TocEntry> entries, Collection<TocEntry> others) {
        Set<TocEntry> dependents = toc.dependents(others);
        return entries.stream().filter(entry -> !dependents.contains(entry)).toList();
    }

    /**
     * Restores the constraints that are not there yet, and what needs them.
     *
     * @return a sentence for each error
     */
    public List<String> constraints(RestorePlan plan) {
        return missing(
                "looking for constraints",
                plan.constraints(),
                (session, one) -> Constraints.exists(session, one.constraint()),
                ConstraintEntry::entry,
                plan.constraintDependents());
    }

    /**
     * Restores the foreign keys that could not be added before and are not there yet, and what needs them.
     *
     * @return a sentence for each error: for a key that does not hold with the server's words
     */
    public List<String> foreignKeys(RestorePlan plan) {
        return missing(
                "looking for foreign keys",
                plan.foreignKeysAfter(),
                (session, one) -> Constraints.exists(session, one.key()),
                ForeignKeyEntry::entry,
                plan.foreignKeyAfterDependents());
    }

    private <T> List<String> missing(
            String doing,
            List<T> all,
            BiPredicate<Session, T> exists,
            Function<T, TocEntry> entry,
            List<TocEntry> dependents) {
        List<TocEntry> missing;
        try (Session session = target.session(database, doing)) {
            missing = all.stream()
                    .filter(one -> !exists.test(session, one))
                    .map(entry)
                    .toList();
        }
        List<String> failures = new ArrayList<>(restore(missing));
        failures.addAll(restore(dependents));
        return failures;
    }

    /**
     * Restores entries that may be restored again: materialized views' data, comments.
     *
     * @return a sentence for each error that matters
     * @throws PgconvoyException when pg_restore broke off before its end, or failed for a reason that passes
     */
    public List<String> restore(List<TocEntry> entries) {
        return entries.isEmpty() ? List.of() : restore(entries, quiet());
    }

    /** The same with these settings of pg_restore's session, by name. */
    List<String> restore(List<TocEntry> entries, Map<String, String> settings) {
        Map<String, String> durable = new HashMap<>(settings);
        // Elsewhere the tools commit asynchronously; what comes late is not restored anew after a crash of the target.
        durable.put("synchronous_commit", "on");
        PgRestore.Options options =
                new PgRestore.Options(1, false).only(entries).with(durable);
        List<RestoreError> errors = pgRestore.restore(database, archive, toc, options, () -> {}, cancellation).stream()
                .filter(error -> error.harmlessBecause().isEmpty())
                .toList();
        ToolFailure cause = ToolFailure.of(errors);
        if (PassingFailure.of(cause).isPresent()) {
            throw new PgconvoyException(
                    ErrorKind.TARGET,
                    target.label() + ", database \"" + database + "\": pg_restore reported " + errors.get(0),
                    "Run the same command again: what is complete is not done twice.",
                    cause);
        }
        return errors.stream().map(RestoreError::toString).toList();
    }

    private Map<String, String> quiet() {
        try (Session session = target.session(database, "asking for session_replication_role")) {
            return Ddl.quiet(session);
        }
    }
}
