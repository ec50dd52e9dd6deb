package io.pgconvoy.migration;

import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.config.Side;
import io.pgconvoy.postgres.PassingFailure;
import io.pgconvoy.postgres.SqlState;
import io.pgconvoy.postgres.ToolFailure;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** What fails one database after the other, though nothing is wrong with any of them. */
enum SharedTrouble {
    SOURCE_GONE("the source is gone"),
    TARGET_GONE("the target is gone"),
    DUMP_DISK_FULL("the disk of --dump-root is full"),
    STATE_DISK_FULL("the disk of --state-dir is full"),
    TARGET_DISK_FULL("the target's disk is full");

    private static final Pattern FULL =
            Pattern.compile("no space left on device|disk quota exceeded", Pattern.CASE_INSENSITIVE);

    private final String words;

    SharedTrouble(String words) {
        this.words = words;
    }

    String words() {
        return words;
    }

    boolean isFullDisk() {
        return this != SOURCE_GONE && this != TARGET_GONE;
    }

    static SharedTrouble gone(Side side) {
        return side == Side.SOURCE ? SOURCE_GONE : TARGET_GONE;
    }

    /** Empty where a failure may be the database's own; a lost session alone does not tell that its server is gone. */
    static Optional<SharedTrouble> of(PgconvoyException failure) {
        List<Optional<SharedTrouble>> all =
                failure.parts().stream().map(SharedTrouble::ofOne).distinct().toList();
        return all.size() == 1 ? all.get(0) : Optional.empty();
    }

    private static Optional<SharedTrouble> ofOne(PgconvoyException failure) {
        Throwable said = failure;
        while (said.getCause() != null && !(said instanceof SQLException) && !(said instanceof ToolFailure)) {
            said = said.getCause();
        }
        if (FULL.matcher(failure.getMessage() + "\n" + said.getMessage()).find()) {
            return full(failure, said);
        }
        boolean server = failure.kind() == ErrorKind.SOURCE || failure.kind() == ErrorKind.TARGET;
        return server && isLost(said)
                ? Optional.of(failure.kind() == ErrorKind.SOURCE ? SOURCE_GONE : TARGET_GONE)
                : Optional.empty();
    }

    private static Optional<SharedTrouble> full(PgconvoyException failure, Throwable said) {
        if (failure.getMessage().startsWith("--dump-root")) {
            return Optional.of(DUMP_DISK_FULL);
        }
        return switch (failure.kind()) {
            case JOURNAL -> Optional.of(STATE_DISK_FULL);
            case TARGET -> Optional.of(TARGET_DISK_FULL);
            // What the server itself says is about its own disk, where one query has written too much.
            case SOURCE ->
                said instanceof ToolFailure && !said.getMessage().contains("ERROR:")
                        ? Optional.of(DUMP_DISK_FULL)
                        : Optional.empty();
            default -> Optional.empty();
        };
    }

    private static boolean isLost(Throwable said) {
        Optional<String> state = Optional.empty();
        if (said instanceof SQLException sql && SqlState.isTransient(sql)) {
            state = Optional.of(sql.getSQLState());
        } else if (said instanceof ToolFailure tool) {
            state = PassingFailure.of(tool).map(PassingFailure::state);
        }
        return state.filter(code -> code.startsWith("08") || code.startsWith("57P"))
                .isPresent();
    }
}
