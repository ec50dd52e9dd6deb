package io.pgconvoy.migration;

import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.FileTrouble;
import io.pgconvoy.config.MigrationConfig;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.Journal;
import io.pgconvoy.journal.ServerIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

    /** Which journals of other migrations to a target made which of its databases, told by OIDs. */
    static Map<Long, Path> madeByOthers(Path stateDir, Path own, ServerIdentity target) {
        Map<Long, Path> made = new HashMap<>();
        for (Path folder : folders(stateDir, Files::isDirectory)) {
            if (!folder.equals(own) && target.isCertain() && isAbout(folder, target)) {
                Journal.madeOnTarget(folder).forEach(oid -> made.put(oid, folder));
            }
        }
        return made;
    }

    private static boolean isAbout(Path folder, ServerIdentity target) {
        try {
            return Journal.peek(folder)
                    .filter(known -> known.target().systemIdentifier().equals(target.systemIdentifier()))
                    .isPresent();
        } catch (PgconvoyException damaged) {
            return false;
        }
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
