package io.pgconvoy.migration;

import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.config.Side;
import io.pgconvoy.postgres.SqlState;
import io.pgconvoy.postgres.retry.PassingFailure;
import io.pgconvoy.postgres.tools.ToolFailure;
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
        StringBuilder words = new StringBuilder();
        Optional<ToolFailure> tool = Optional.empty();
        for (Throwable said = failure; said != null; said = said.getCause()) {
            words.append(said.getMessage()).append('\n');
            tool = said instanceof ToolFailure found ? Optional.of(found) : tool;
        }
        if (FULL.matcher(words).find()) {
            return full(failure, tool);
        }
        boolean server = failure.kind() == ErrorKind.SOURCE || failure.kind() == ErrorKind.TARGET;
        return server && isLost(failure, tool)
                ? Optional.of(failure.kind() == ErrorKind.SOURCE ? SOURCE_GONE : TARGET_GONE)
                : Optional.empty();
    }

    private static Optional<SharedTrouble> full(PgconvoyException failure, Optional<ToolFailure> tool) {
        if (failure.getMessage().startsWith("--dump-root")) {
            return Optional.of(DUMP_DISK_FULL);
        }
        return switch (failure.kind()) {
            case JOURNAL -> Optional.of(STATE_DISK_FULL);
            case TARGET -> Optional.of(TARGET_DISK_FULL);
            // What the server itself says is about its own disk, where one query has written too much.
            case SOURCE ->
                tool.filter(said -> !said.getMessage().contains("ERROR:")).map(said -> DUMP_DISK_FULL);
            default -> Optional.empty();
        };
    }

    private static boolean isLost(PgconvoyException failure, Optional<ToolFailure> tool) {
        String state = tool.isPresent()
                ? PassingFailure.of(tool.get()).map(PassingFailure::state).orElse("")
                : SqlState.isTransient(failure) ? SqlState.state(failure) : "";
        return state.startsWith("08") || state.startsWith("57P");
    }
}
