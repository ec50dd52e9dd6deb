package io.pgconvoy.journal;

import io.pgconvoy.config.DatabaseName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** The markers of one database. For one thread at a time. */
public final class DatabaseJournal {
    private final DatabaseName database;
    private final Path folder;

    DatabaseJournal(DatabaseName database, Path folder) {
        this.database = database;
        this.folder = folder;
    }

    public DatabaseName database() {
        return database;
    }

    /** Whether anything was begun with the database. */
    public boolean exists() {
        return Files.isDirectory(folder);
    }

    /** The step's marker, if the step is complete. */
    public <T> Optional<T> read(Step<T> step) {
        return DurableJson.read(file(step), step.type());
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
                .filter(step -> Files.isRegularFile(file(step)))
                .map(Step::name)
                .findFirst();
    }

    /** Marks a step as complete; on return that is on disk. */
    public <T> void write(Step<T> step, T marker) {
        DurableJson.createPrivateFolder(folder);
        DurableJson.write(file(step), marker);
    }

    /** Forgets a marker. */
    public void delete(Step<?> step) {
        DurableJson.delete(file(step));
    }

    /** Forgets everything that was done with the data on the target, the last step first. */
    public void deleteAfterCreation() {
        for (int i = Step.TABLE.size() - 1; !Step.TABLE.get(i).equals(Step.CREATED); i--) {
            delete(Step.TABLE.get(i));
        }
    }

    /**
     * Keeps what a step's marker builds on and is too long for a marker; on return it is on disk.
     *
     * @param name the file's name without {@code .json.gz}
     */
    public void keep(String name, Object value) {
        DurableJson.createPrivateFolder(folder);
        DurableJson.writeCompressed(kept(name), value);
    }

    /** What {@link #keep} kept. */
    public <T> Optional<T> read(String name, Class<T> type) {
        return DurableJson.readCompressed(kept(name), type);
    }

    /** Whether something is kept under this name. */
    public boolean keeps(String name) {
        return Files.isRegularFile(kept(name));
    }

    /** Forgets what was kept. */
    public void forget(String name) {
        DurableJson.delete(kept(name));
    }

    private Path kept(String name) {
        return folder.resolve(name + ".json.gz");
    }

    private Path file(Step<?> step) {
        return folder.resolve(step.name() + ".json");
    }
}
