package io.pgconvoy.journal;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.config.VerifyLevel;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/** All markers of one migration, of which this process has the lease. */
public final class Journal implements AutoCloseable {
    private static final JournalEntry<MigrationRecord> RECORD = new JournalEntry<>(
            "migration",
            MigrationRecord.class,
            "Delete the file, and run the same command again: its copy, migration-copy.json, is used then.");

    /** Without the record nobody would know any more which databases and dumps are this migration's. */
    private static final JournalEntry<MigrationRecord> RECORD_COPY =
            new JournalEntry<>("migration-copy", MigrationRecord.class, "Delete the file: it is written again.");

    private final JournalStore store;
    private final JournalStore.Lease lease;
    private final MigrationRecord record;

    private Journal(JournalStore store, JournalStore.Lease lease, MigrationRecord record) {
        this.store = store;
        this.lease = lease;
        this.record = record;
    }

    /**
     * What a journal is about, without opening it, and without a look at the record's sum: whether it is of these servers
     * and this version comes first.
     */
    public static Optional<MigrationRecord> peek(JournalStore store) {
        return store.peek(RECORD).or(() -> store.read(RECORD_COPY));
    }

    /** OIDs of the databases that a migration has made; what cannot be read in its journal is left out. */
    public static Set<Long> madeOnTarget(JournalStore store) {
        Set<Long> made = new HashSet<>();
        try {
            for (String database : store.names(JournalStore.DATABASES)) {
                store.read(Step.CREATED.in(database))
                        .filter(created -> !created.adopted())
                        .ifPresent(created -> made.add(created.oid()));
            }
        } catch (PgconvoyException unreadable) {
            // It only helps to say whose a database is.
        }
        return made;
    }

    /**
     * Takes the lease, and begins a migration or goes on with it.
     *
     * @param dumpRoot for dumps that are still to be made; earlier ones stay where they are
     * @throws PgconvoyException of kind JOURNAL when another process has it, when the journal belongs to other servers, or
     *     when options changed on which its markers depend
     */
    public static Journal open(
            JournalStore store, ServerIdentity source, ServerIdentity target, Path dumpRoot, VerifyLevel verify) {
        JournalStore.Lease lease = store.lease();
        try {
            Optional<MigrationRecord> begun = peek(store);
            begun.ifPresent(known -> check(store, known, source, target, verify));
            MigrationRecord record = begun.map(known -> known.withDumpRoot(dumpRoot.toString()))
                    .orElseGet(() -> new MigrationRecord(
                            MigrationRecord.FORMAT,
                            HexFormat.of()
                                    .toHexDigits(RandomGenerator.getDefault().nextLong()),
                            Instant.now(),
                            source,
                            target,
                            dumpRoot.toString(),
                            verify,
                            Optional.empty()));
            // What is not so yet, the copy last.
            for (JournalEntry<MigrationRecord> entry : List.of(RECORD, RECORD_COPY)) {
                if (!store.read(entry).equals(Optional.of(record))) {
                    store.write(entry, record);
                }
            }
            return new Journal(store, lease, record);
        } catch (RuntimeException failure) {
            lease.close();
            throw failure;
        }
    }

    /**
     * Looks, without changing anything, whether a migration could be gone on with.
     *
     * @throws PgconvoyException as {@link #open}
     */
    public static void examine(JournalStore store, ServerIdentity source, ServerIdentity target, VerifyLevel verify) {
        store.check();
        Optional<MigrationRecord> begun = peek(store);
        if (begun.isPresent()) {
            check(store, begun.get(), source, target, verify);
            store.read(RECORD);
            store.read(RECORD_COPY);
        }
    }

    /** Names this migration; 16 hexadecimal digits. */
    public String id() {
        return record.id();
    }

    /** The application_name of this migration's sessions. */
    public String applicationName() {
        return applicationName(record);
    }

    /** The application_name of the sessions of a migration whose journal is not open. */
    public static String applicationName(MigrationRecord record) {
        return "pgconvoy " + record.id();
    }

    /** Where it is kept. */
    public JournalStore store() {
        return store;
    }

    /** Where new dumps are made. */
    public Path dumpRoot() {
        return Path.of(record.dumpRoot());
    }

    /** Where dumps were made before that, the latest last. */
    public List<Path> earlierDumpRoots() {
        return record.earlierDumpRoots().orElse(List.of()).stream()
                .map(Path::of)
                .toList();
    }

    public DatabaseJournal database(DatabaseName database) {
        return store.database(database);
    }

    @Override
    public void close() {
        lease.close();
    }

    /** Also reads every marker, so that a damaged one is named before anything is done. */
    private static void check(
            JournalStore store,
            MigrationRecord begun,
            ServerIdentity source,
            ServerIdentity target,
            VerifyLevel verify) {
        if (begun.format() > MigrationRecord.FORMAT) {
            throw refused(store, "was written by a newer version of pgconvoy", "Use that version.");
        }
        checkIdentity(store, "source", begun.source(), source);
        checkIdentity(store, "target", begun.target(), target);
        if (begun.verify() != verify) {
            throw refused(
                    store,
                    "was begun with --verify " + begun.verify().label() + ", not " + verify.label(),
                    "Give the same option again: what its dumps are compared by was read with them.");
        }
        for (String database : store.names(JournalStore.DATABASES)) {
            Step.TABLE.forEach(step -> store.read(step.in(database)));
        }
    }

    private static void checkIdentity(JournalStore store, String side, ServerIdentity begun, ServerIdentity now) {
        if (!begun.systemIdentifier().equals(now.systemIdentifier())) {
            throw refused(
                    store,
                    "was begun with another " + side + ": at " + now.host() + ":" + now.port()
                            + " was the server with system identifier " + begun.systemIdentifier() + ", now there is "
                            + now.systemIdentifier(),
                    "Was that server rebuilt? To begin anew, move this folder away.");
        }
    }

    private static PgconvoyException refused(JournalStore store, String what, String hint) {
        return new PgconvoyException(
                ErrorKind.JOURNAL,
                "the migration in " + store.label() + " " + what,
                hint + " Or give another --state-dir (and --dump-root) for a migration of its own.");
    }
}
