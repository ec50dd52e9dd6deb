package io.pgconvoy.migration;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.migration.run.BuiltInDatabaseDiff;
import io.pgconvoy.migration.run.Run;
import io.pgconvoy.migration.source.InventoryResult;
import io.pgconvoy.migration.source.SnapshotActivity;
import io.pgconvoy.model.Difference;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.SqlState;
import io.pgconvoy.survey.RunMessages;
import io.pgconvoy.survey.ServerInventoryCheck;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Looks, when all databases are done with, at what no single one's pipeline sees. */
record PostMigrationChecks(Run run, List<DatabaseResult> results, RunMessages notes) {
    private static final Set<String> BUILT_IN = Set.of("database postgres", "database template1");

    /** What a built-in database has of its own. */
    private static final Set<String> KEPT = Set.of(
            "owner", "encoding", "lc_collate", "lc_ctype", "locale provider", "locale", "icu rules", "tablespace");

    /** Tells of what was written to the source after the databases' snapshots, and so is on it alone. */
    void tellChanges() {
        int unknown = 0;
        Optional<String> gone = Optional.empty();
        Set<Long> untouched = Set.of();
        // Also where the run was stopped meanwhile.
        Server source = run.source().undisturbed();
        try {
            untouched = run.writtenRows().untouched(source);
        } catch (PgconvoyException failure) {
            gone = Optional.of(failure).filter(SqlState::isTransient).map(Throwable::getMessage);
        }
        for (DatabaseResult result : results) {
            DatabaseName name = result.database().name();
            Optional<SnapshotActivity> then =
                    SnapshotActivity.read(run.journal().database(name));
            // Nobody writes to a database that refuses connections.
            if (then.isEmpty()
                    || !result.isUp()
                    || !result.database().allowsConnections()
                    || untouched.contains(result.database().oid())) {
                continue;
            }
            if (gone.isPresent()) {
                unknown++;
                continue;
            }
            try (Session session = source.session(name, "looking for what was written")) {
                then.get().since(session).ifPresent(changes -> notes.warning("database \"" + name + "\" " + changes));
            } catch (PgconvoyException failure) {
                if (SqlState.isTransient(failure)) {
                    // The server does not answer. It is asked once: each further question would take as long to fail.
                    unknown++;
                    gone = Optional.of(failure.getMessage());
                } else {
                    notes.warning(
                            "database \"" + name + "\": whether it was written to on the source after its snapshot"
                                    + " is not known: " + failure.getMessage());
                }
            }
        }
        if (unknown > 0) {
            notes.warning("whether " + (unknown == 1 ? "a database was" : unknown + " databases were")
                    + " written to on the source after the snapshot is not known: " + gone.orElseThrow());
        }
    }

    /**
     * Compares what is outside of the databases.
     *
     * @param withoutTablespaces whether everything went into the target's default tablespace
     * @return whether something is not as on the source for a reason that nobody knows; it is told
     */
    boolean findsDifferences(boolean withoutTablespaces) {
        Set<DatabaseName> moved = results.stream()
                .filter(DatabaseResult::isUp)
                .map(result -> result.database().name())
                .collect(Collectors.toSet());
        boolean differs = false;
        ServerInventoryCheck contents = ServerInventoryCheck.compare(run.source(), run.target(), moved::contains);
        for (Difference difference : contents.differences()) {
            // Nothing is dropped that somebody else has made, and a database that is filled as it is keeps these.
            if (difference.what().equals(Difference.TARGET_ONLY)
                    || isAdopted(difference)
                    || (withoutTablespaces && InventoryResult.isTablespace(difference))) {
                continue;
            }
            // What the target's user had no right to set is named already, and so is a value that the target refused.
            if (!run.managed() && !wasRefused(difference)) {
                notes.error("not as on the source: " + difference.sentence());
                differs = true;
            } else {
                notes.warning("not as on the source: " + difference.sentence());
            }
        }
        return differs;
    }

    /** Whether a setting was tried, and the target's refusal told: its version takes no such value. */
    private boolean wasRefused(Difference difference) {
        String told = "could not set " + difference.object().replace("\"", "") + ":";
        return difference.kind().equals("setting")
                && Stream.concat(
                                notes.warnings().stream(),
                                results.stream().flatMap(result -> result.warnings().stream()))
                        .anyMatch(warning -> warning.replace("\"", "").contains(told));
    }

    /** Whether it is what {@link BuiltInDatabaseDiff} has warned of. */
    private static boolean isAdopted(Difference difference) {
        return BUILT_IN.contains(difference.object()) && KEPT.contains(difference.attribute());
    }
}
