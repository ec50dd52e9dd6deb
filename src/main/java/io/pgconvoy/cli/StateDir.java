package io.pgconvoy.cli;

import io.pgconvoy.config.Home;
import io.pgconvoy.config.PgconvoyException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where journals lie unless the user says otherwise. */
final class StateDir {
    private StateDir() {}

    static Path orDefault(Path given, Home home) {
        return given == null ? home.folder().resolve(".pgconvoy") : given;
    }

    /**
     * The same for a command that looks for what an earlier run left: a mistyped folder holds nothing, which must not be
     * taken for good news.
     */
    static Path existing(Path given, Home home) {
        if (given != null && !Files.isDirectory(given)) {
            throw PgconvoyException.usage(
                    "--state-dir: there is no folder " + given.toAbsolutePath(),
                    "Give the --state-dir of the run whose work is to be undone.");
        }
        return orDefault(given, home);
    }
}
