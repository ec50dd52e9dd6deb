package io.pgconvoy.migration.run;

import io.pgconvoy.catalog.DatabaseCatalog;
import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.catalog.TableCatalog;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.globals.DatabaseAdmin;
import io.pgconvoy.globals.DatabaseSetup;
import io.pgconvoy.globals.GlobalsResult;
import io.pgconvoy.journal.DatabaseJournal;
import io.pgconvoy.journal.Markers;
import io.pgconvoy.journal.Step;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.SqlFailure;
import io.pgconvoy.postgres.SqlState;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongConsumer;

/**
 * Makes and drops databases on the target, and never drops one that this migration did not make, unless told to. Then it
 * drops those that were there when the run began and whose OIDs it was given: one that somebody makes later is not what
 * the user has allowed to be dropped.
 *
 * <p>A database is made under a name that holds the migration's identifier, its OID is marked, and only then it gets its
 * own name: killed at any moment, a later run knows it by that name or by that OID. Safe for use by many threads.
 */
public final class TargetDatabases {
    /** Though --drop-existing is given. */
    static final String MADE_LATER =
            "They were made after this run began, or by another run at work, so --drop-existing does not mean them. Find"
                    + " out whose they are; move them away, or run the same command again.";

    private final Server target;
    private final DatabaseSetup setup;
    private final String migrationId;
    private final Set<Long> droppable;
    private final LongConsumer claim;

    /**
     * Does nothing yet.
     *
     * @param droppable the OIDs of the databases that may be dropped though this migration did not make them
     * @param claim is told the OID of each database that is this migration's
     */
    public TargetDatabases(
            Server target, DatabaseSetup setup, String migrationId, Set<Long> droppable, LongConsumer claim) {
        this.claim = claim;
        this.target = target;
        this.setup = setup;
        this.migrationId = migrationId;
        this.droppable = Set.copyOf(droppable);
    }

    /** What stands in the way of making a database. */
    enum Obstacle {
        NONE,
        /** One of that name is there, and not ours. */
        FOREIGN,
        /** A built-in database that holds a user's objects or lets nobody look, or one that we are connected to. */
        UNTOUCHABLE
    }

    /**
     * Looks whether a database can be made, or filled.
     *
     * @param oid of the one that has the name now
     */
    Obstacle obstacle(DatabaseName name, Optional<Long> oid, Optional<Markers.Created> created) {
        if (oid.isEmpty() || created.map(Markers.Created::oid).equals(oid)) {
            return Obstacle.NONE;
        }
        if (name.isBuiltIn()) {
            return isClosed(name) || holdsUserObjects(name) ? Obstacle.UNTOUCHABLE : Obstacle.NONE;
        }
        if (name.equals(target.endpoint().database())) {
            return Obstacle.UNTOUCHABLE;
        }
        return droppable.contains(oid.get()) ? Obstacle.NONE : Obstacle.FOREIGN;
    }

    /**
     * Provides an empty database: what an earlier, incomplete attempt of this migration made is dropped first.
     *
     * @return its marker, which is written already, and what the target could not take over
     */
    public GlobalsResult provide(DatabaseProperties properties, DatabaseJournal journal, boolean publicSchema) {
        try (DatabaseAdmin admin = admin()) {
            return provide(admin, properties, journal, publicSchema);
        }
    }

    private GlobalsResult provide(
            DatabaseAdmin admin, DatabaseProperties properties, DatabaseJournal journal, boolean publicSchema) {
        DatabaseName name = properties.name();
        Optional<Markers.Created> created = journal.read(Step.CREATED);
        Optional<Long> there = admin.oid(name);
        if (obstacle(name, there, created) != Obstacle.NONE) {
            throw notOurs(name);
        }
        boolean foreign =
                there.isPresent() && !created.map(Markers.Created::oid).equals(there) && !name.isBuiltIn();
        if (foreign && admin.isUsedByOtherRun(there.get())) {
            throw new PgconvoyException(
                    ErrorKind.TARGET,
                    target.label() + ": another pgconvoy is at work in database \"" + name + "\", which is not dropped",
                    "Wait for it to end, or leave the database out with --exclude-db.");
        }
        journal.deleteAfterCreation();
        if (created.isPresent() && created.get().adopted()) {
            return adopt(properties, publicSchema);
        }
        if (created.isPresent()) {
            // One that somebody renamed is in use under its new name, and no longer ours to drop.
            admin.name(created.get().oid())
                    .filter(now -> now.equals(name) || isTemporary(now))
                    .ifPresent(now -> admin.drop(created.get().oid(), now));
            journal.delete(Step.CREATED);
        }
        Optional<Long> builtIn = name.isBuiltIn() ? admin.oid(name) : Optional.empty();
        if (builtIn.isPresent()) {
            journal.write(Step.CREATED, new Markers.Created(name.value(), builtIn.get(), true, Instant.now()));
            return adopt(properties, publicSchema);
        }
        DatabaseName temporary = new DatabaseName(temporaryPrefix() + properties.oid());
        admin.oid(temporary).ifPresent(left -> admin.drop(left, temporary));
        GlobalsResult result = admin.create(setup, properties, temporary);
        if (!publicSchema) {
            dropPublicSchema(temporary);
        }
        long oid = admin.oid(temporary).orElseThrow(() -> gone(temporary));
        claim.accept(oid);
        // Not whatever has the name by now, but what was there at the look above.
        there.ifPresent(allowed -> admin.drop(allowed, name));
        journal.write(Step.CREATED, new Markers.Created(name.value(), oid, false, Instant.now()));
        try {
            admin.rename(oid, temporary, name);
        } catch (SqlFailure failure) {
            throw SqlState.isDuplicate(failure) ? notOurs(name) : failure;
        }
        return result;
    }

    private PgconvoyException notOurs(DatabaseName name) {
        return new PgconvoyException(
                ErrorKind.TARGET,
                target.label() + ": database \"" + name + "\" is there already, and this migration did not create it",
                foreignHint());
    }

    /** What to do about databases that are not this migration's. */
    String foreignHint() {
        return droppable.isEmpty()
                ? "Leave them out with --exclude-db, or move or drop them. If an earlier run made them, its journal is in"
                        + " another --state-dir: give that one. --drop-existing drops them."
                : MADE_LATER;
    }

    /** Makes sure that a name still means the database that this migration made or filled. */
    public void requireOurs(DatabaseName name, DatabaseJournal journal) {
        Optional<Long> made = journal.read(Step.CREATED).map(Markers.Created::oid);
        if (made.isEmpty() || !made.equals(oid(name))) {
            throw notOurs(name);
        }
    }

    /** Closes a database as the source's is: the one that this migration made. */
    public void close(DatabaseName name, DatabaseJournal journal) {
        long made = journal.read(Step.CREATED).orElseThrow().oid();
        // Also where the run was cancelled meanwhile.
        try (DatabaseAdmin admin = DatabaseAdmin.open(target.undisturbed(), temporaryPrefix())) {
            admin.letIn(made, name, false);
        }
    }

    /** Prepares a database for being filled that was there, and tells what of it is not as on the source. */
    private GlobalsResult adopt(DatabaseProperties properties, boolean publicSchema) {
        if (!publicSchema) {
            dropPublicSchema(properties.name());
        }
        List<String> differences = DatabaseCatalog.list(target).stream()
                .filter(database -> database.name().equals(properties.name()))
                .flatMap(database -> BuiltInDatabaseDiff.differences(properties, database).stream())
                .toList();
        return new GlobalsResult(List.of(), differences, List.of());
    }

    /**
     * Drops a restored database to have it made anew, unless a look into it finds reasons to keep it. A built-in one is
     * looked at only: it is filled anew as it is.
     *
     * @return these reasons
     */
    public List<String> giveUpUnless(DatabaseJournal journal, Function<Session, List<String>> look) {
        DatabaseName name = journal.database();
        Markers.Created created = journal.read(Step.CREATED).orElseThrow();
        // First without disturbing anybody.
        try (DatabaseAdmin admin = admin()) {
            try (Session inside = admin.inside(created.oid(), name, "looking into it")) {
                List<String> reasons = look.apply(inside);
                if (!reasons.isEmpty() || created.adopted()) {
                    return reasons;
                }
            }
            return admin.dropUnless(created.oid(), look);
        }
    }

    /**
     * Lets a database be connected to that is this migration's: one that was closed as the last step of it, or by a run
     * that was killed in {@link #giveUpUnless}.
     */
    public void reopen(DatabaseName name, DatabaseJournal journal) {
        Optional<Long> made = journal.read(Step.CREATED).map(Markers.Created::oid);
        try (DatabaseAdmin admin = admin()) {
            if (made.isPresent() && made.equals(admin.oid(name)) && admin.isClosed(name)) {
                admin.letIn(made.get(), name, true);
            }
        }
    }

    private DatabaseAdmin admin() {
        return DatabaseAdmin.open(target, temporaryPrefix());
    }

    private boolean isClosed(DatabaseName name) {
        try (DatabaseAdmin admin = admin()) {
            return admin.isClosed(name);
        }
    }

    /** Whether a database is restored and still the one that this migration made or filled. */
    public boolean isRestored(DatabaseName name, DatabaseJournal journal) {
        Optional<Long> made = journal.read(Step.CREATED).map(Markers.Created::oid);
        return journal.read(Step.RESTORED).isPresent() && made.isPresent() && made.equals(oid(name));
    }

    /** Drops what a killed run left half made, whose source may be gone or left out since. */
    public void dropTemporary() {
        List<DatabaseProperties> left = DatabaseCatalog.list(target).stream()
                .filter(database -> isTemporary(database.name()))
                .toList();
        try (DatabaseAdmin admin = admin()) {
            left.forEach(database -> admin.drop(database.oid(), database.name()));
        }
    }

    /** Whether this is the name that a database of this migration has while it is made, or one that is to be dropped. */
    boolean isTemporary(DatabaseName name) {
        return name.value().startsWith(temporaryPrefix());
    }

    private String temporaryPrefix() {
        return "pgconvoy_" + migrationId + "_";
    }

    /** A database's OID on the target. */
    public Optional<Long> oid(DatabaseName name) {
        try (DatabaseAdmin admin = admin()) {
            return admin.oid(name);
        }
    }

    /** Has a marker tell only what survives a crash of the server; see {@link DatabaseAdmin#flush}. */
    public void flush() {
        try (DatabaseAdmin admin = admin()) {
            admin.flush();
        }
    }

    boolean holdsUserObjects(DatabaseName name) {
        return TableCatalog.holdsUserObjects(target, name);
    }

    private void dropPublicSchema(DatabaseName name) {
        try (Session session = target.session(name, "dropping the schema public, which the source does not have,")) {
            session.execute("DROP SCHEMA IF EXISTS public");
        }
    }

    private PgconvoyException gone(DatabaseName name) {
        return new PgconvoyException(
                ErrorKind.TARGET,
                target.label() + ": database \"" + name + "\" vanished while it was made",
                "Is somebody else at work on the target? Run the same command again.");
    }
}
