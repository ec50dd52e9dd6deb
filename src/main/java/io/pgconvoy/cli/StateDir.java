package io.pgconvoy.cli;

import java.nio.file.Path;

/** Where journals lie unless the user says otherwise. */
final class StateDir {
    private StateDir() {}

    static Path orDefault(Path given) {
        return given == null ? Path.of(System.getProperty("user.home"), ".pgconvoy") : given;
    }
}
