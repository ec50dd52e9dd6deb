package io.pgconvoy.tuning;

import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.DurableJson;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where the debt to the target is written down. What became of it is kept in a second file beside it, whose name ends in
 * {@code -reverted.json}.
 *
 * @param path of the file, in the migration's journal
 */
record StateFile(Path path) {
    void write(TuningState state) {
        DurableJson.write(path, state);
    }

    /**
     * What is owed.
     *
     * @return empty where nothing is
     * @throws PgconvoyException of kind JOURNAL where the file is damaged or from a newer version
     */
    Optional<TuningState> read() {
        Optional<TuningState> state;
        boolean newer;
        try {
            // A newer version may make its sum in another way.
            newer = DurableJson.peek(path, TuningState.class)
                    .filter(known -> known.format() > TuningState.FORMAT)
                    .isPresent();
            state = newer ? Optional.empty() : DurableJson.read(path, TuningState.class);
        } catch (PgconvoyException damaged) {
            throw new PgconvoyException(
                    ErrorKind.JOURNAL,
                    damaged.getMessage(),
                    "It says how the target was set before it was tuned. Look at the target's postgresql.auto.conf,"
                            + " take out with ALTER SYSTEM RESET what does not belong there (fsync!), reload,"
                            + " and delete the file.",
                    damaged);
        }
        if (newer) {
            throw new PgconvoyException(
                    ErrorKind.JOURNAL,
                    "the journal's file " + path + " was written by a newer version of pgconvoy",
                    "Revert the target's tuning with that version: pgconvoy revert-tuning.");
        }
        return state;
    }

    /** The debt is paid: keeps a record of it, then forgets it. */
    void settle(TuningState state) {
        String name = String.valueOf(path.getFileName());
        DurableJson.write(path.resolveSibling(name.replaceFirst("(\\.json)?$", "-reverted.json")), state);
        DurableJson.delete(path);
    }
}
