package io.pgconvoy.journal;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.PgconvoyException;
import java.util.List;
import java.util.Optional;

/**
 * Where one migration keeps its journal: entries that are there whole or not at all, also after a power failure, and that
 * one process at a time may change. Safe for use by many threads on different entries. Whatever fails is a
 * {@link PgconvoyException} of kind JOURNAL, which says where and what to do.
 */
public interface JournalStore {
    /** The name of what is above the entries of the databases. */
    String DATABASES = "databases";

    /**
     * Reads an entry.
     *
     * @return empty where there is none
     * @throws PgconvoyException where it is truncated, malformed, lacks a field, does not fit its sum, or is from a newer
     *     version; one without a sum is from an earlier one
     */
    <T> Optional<T> read(JournalEntry<T> entry);

    /**
     * As {@link #read}, whatever the sum and the version: a newer one may have a reason to sum it up in another way. Only
     * that may be asked of it, and what it is about.
     */
    <T> Optional<T> peek(JournalEntry<T> entry);

    /** Writes an object with at least one field; on return it is durable. Where that fails, an earlier one is untouched. */
    <T> void write(JournalEntry<T> entry, T value);

    /** Deletes an entry durably; nothing happens where there is none. */
    void delete(JournalEntry<?> entry);

    /** Whether there is such an entry, readable or not. */
    boolean has(JournalEntry<?> entry);

    /** The names directly beneath a name. */
    List<String> names(String above);

    /** Whether there is a journal at all. */
    boolean exists();

    /** The right to change the journal; it ends with the process, however that ends. */
    interface Lease extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Takes the lease, and makes the journal if there is none.
     *
     * @throws PgconvoyException where another process has it
     */
    Lease lease();

    /**
     * Looks, without changing anything, whether the lease could be taken and something written.
     *
     * @throws PgconvoyException where not
     */
    void check();

    /** Where it is, for people. */
    String label();

    /** Where an entry is, for people. */
    String label(JournalEntry<?> entry);

    /** What --state-dir has to name for a command to find it. */
    String stateDir();

    default DatabaseJournal database(DatabaseName name) {
        return new DatabaseJournal(this, name);
    }
}
