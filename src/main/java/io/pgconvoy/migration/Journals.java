package io.pgconvoy.migration;

import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.FileTrouble;
import io.pgconvoy.config.MigrationConfig;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.Journal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Where a migration's journal lies, and what lies in it beside the markers. */
final class Journals {
    private Journals() {}

    static Path folder(MigrationConfig config) {
        return Journal.folder(
                config.stateDir(),
                config.source().host(),
                config.source().port(),
                config.target().host(),
                config.target().port());
    }

    /** What the target's settings were before they were tuned. */
    static Path tuning(Path folder) {
        return folder.resolve("tuning.json");
    }

    /** Which of the source's databases refused connections before they were opened. */
    static Path opened(Path folder) {
        return folder.resolve("opened-databases.json");
    }

    /**
     * The folders of all journals of which something holds, by name.
     *
     * @throws PgconvoyException of kind JOURNAL where they cannot be listed
     */
    static List<Path> folders(Path stateDir, Predicate<Path> which) {
        if (!Files.isDirectory(stateDir)) {
            return List.of();
        }
        try (Stream<Path> folders = Files.list(stateDir)) {
            return folders.filter(which).sorted().toList();
        } catch (IOException failure) {
            throw new PgconvoyException(
                    ErrorKind.JOURNAL,
                    "cannot read " + stateDir + ": " + FileTrouble.reason(failure),
                    "Check --state-dir.",
                    failure);
        }
    }
}
