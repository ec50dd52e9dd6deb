package io.pgconvoy.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** What tests do with whole folders. */
public final class Folders {
    private Folders() {}

    /** Deletes a folder with everything in it, following no links; does nothing when there is none. */
    public static void delete(Path folder) throws IOException {
        List<Path> paths;
        try (Stream<Path> walk = Files.exists(folder) ? Files.walk(folder) : Stream.empty()) {
            paths = walk.sorted(Comparator.reverseOrder()).toList();
        } catch (UncheckedIOException e) {
            // Something vanished under the walk: whoever deletes it will do so to the end.
            return;
        }
        for (Path path : paths) {
            Files.deleteIfExists(path);
        }
    }
}
