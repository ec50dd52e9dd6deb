package io.pgconvoy.journal;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.FileNames;
import java.util.Optional;
import java.util.stream.Stream;

/** The markers of one database, and what they build on and is too long for a marker. For one thread at a time. */
public record DatabaseJournal(JournalStore store, DatabaseName database) {
    /** Whether anything was begun with the database. */
    public boolean exists() {
        return store.names(JournalStore.DATABASES).contains(name());
    }

    /** The step's marker, if the step is complete. */
    public <T> Optional<T> read(Step<T> step) {
        return store.read(step.in(name()));
    }

    /**
     * Whether the database is finished, every step of it: deleting any marker has its step done again.
     *
     * @param analyze whether statistics are to be gathered
     */
    public boolean isComplete(boolean analyze) {
        return Step.of(Step.Of.EVERY_DATABASE)
                        .filter(step -> analyze || !step.equals(Step.ANALYZED))
                        .allMatch(step -> read(step).isPresent())
                && (read(Step.DEFERRED).isEmpty()
                        || Step.of(Step.Of.DEFERRED_TABLES)
                                .allMatch(step -> read(step).isPresent()));
    }

    /** How far the database has come, in a word such as {@code restored}; empty where not even its dump is complete. */
    public Optional<String> lastStep() {
        return Stream.of(Step.COMPARED, Step.VERIFIED, Step.ANALYZED, Step.RESTORED, Step.DUMPED)
                .filter(this::has)
                .map(Step::name)
                .findFirst();
    }

    /** Whether there is a marker, readable or not. */
    public boolean has(Step<?> step) {
        return store.has(step.in(name()));
    }

    /** Marks a step as complete; on return that is durable. */
    public <T> void write(Step<T> step, T marker) {
        store.write(step.in(name()), marker);
    }

    /** Forgets a marker. */
    public void delete(Step<?> step) {
        store.delete(step.in(name()));
    }

    /** Forgets everything that was done with the data on the target, the last step first. */
    public void deleteAfterCreation() {
        for (int i = Step.TABLE.size() - 1; !Step.TABLE.get(i).equals(Step.CREATED); i--) {
            delete(Step.TABLE.get(i));
        }
    }

    private String name() {
        return FileNames.encode(database.value());
    }
}
