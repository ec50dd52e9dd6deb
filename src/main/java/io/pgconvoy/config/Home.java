package io.pgconvoy.config;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * The user's home, the same for everything: HOME, as the shell and libpq have it, else what the password database says.
 *
 * @param found empty where there is neither
 */
public record Home(Optional<Path> found) {
    /** Looks for it in the environment of this process. */
    public static Home of(Map<String, String> environment) {
        return new Home(absolute(environment.get("HOME")).or(() -> absolute(System.getProperty("user.home"))));
    }

    /**
     * The folder.
     *
     * @throws PgconvoyException of kind USAGE where there is none
     */
    public Path folder() {
        return found.orElseThrow(() -> PgconvoyException.usage(
                "this user has no home folder: HOME is no absolute path, and the password database has no entry",
                "Set HOME, or give --state-dir and other files by their absolute paths."));
    }

    /** A file as the user wrote it, in which {@code ~} at the beginning is the home; no shell has seen to that in a file. */
    public Path resolve(String text) {
        if (text.equals("~")) {
            return folder();
        }
        return text.startsWith("~/") ? folder().resolve(text.substring(2)) : Path.of(text);
    }

    /** Java has a question mark for an unknown folder. */
    private static Optional<Path> absolute(String text) {
        return Optional.ofNullable(text).filter(path -> path.startsWith("/")).map(Path::of);
    }
}
