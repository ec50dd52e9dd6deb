package io.pgconvoy.migration;

import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.FileTrouble;
import io.pgconvoy.config.MigrationConfig;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.Journal;
import io.pgconvoy.journal.MigrationRecord;
import io.pgconvoy.journal.ServerIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Where the journal of a migration between two servers lies, or is to lie: in the folder that their addresses name, unless
 * these servers were known by other addresses when it was begun.
 *
 * @param begun what that journal is about, if there is one
 */
record JournalPlace(Path folder, ServerIdentity source, ServerIdentity target, Optional<MigrationRecord> begun) {
    /**
     * Looks for it.
     *
     * @throws PgconvoyException of kind JOURNAL where the folder cannot be read, or its record is damaged
     */
    static JournalPlace find(MigrationConfig config, ServerIdentity source, ServerIdentity target) {
        Path named = Journals.folder(config);
        Optional<MigrationRecord> begun = Journal.peek(named);
        if (begun.filter(known -> isOf(known, source, target)).isEmpty()) {
            Optional<JournalPlace> other = Journals.folders(config.stateDir(), Files::isDirectory).stream()
                    .filter(folder -> !folder.equals(named))
                    .flatMap(folder -> peek(folder)
                            .filter(known -> isOf(known, source, target))
                            .map(known -> new JournalPlace(folder, source, target, Optional.of(known)))
                            .stream())
                    .max(Comparator.comparing(
                            place -> place.begun().orElseThrow().startedAt()));
            if (other.isPresent()) {
                return other.get();
            }
        }
        return new JournalPlace(named, source, target, begun);
    }

    /** Where it would be, whatever is there. */
    static JournalPlace unread(MigrationConfig config, ServerIdentity source, ServerIdentity target) {
        return new JournalPlace(Journals.folder(config), source, target, Optional.empty());
    }

    /** What to tell the user of a journal whose folder has another name than expected. */
    Optional<String> otherName() {
        return begun.filter(known -> !isNamed(known.source(), source) || !isNamed(known.target(), target))
                .map(known -> "going on with the migration in " + folder + ", which knows these servers as "
                        + known.source().host() + ":" + known.source().port() + " and "
                        + known.target().host() + ":" + known.target().port());
    }

    /** The options with what the journal decides where the user says nothing. */
    MigrationConfig settle(MigrationConfig config) {
        return config.rerun().dumpRootGiven()
                ? config
                : begun.map(known -> config.withDumpRoot(Path.of(known.dumpRoot())))
                        .orElse(config);
    }

    /**
     * Looks, without changing anything, for all that would keep a run from going on with the journal, or from writing its
     * dumps.
     *
     * @param settled from {@link #settle}
     */
    List<PgconvoyException> obstacles(MigrationConfig settled) {
        List<PgconvoyException> obstacles = new ArrayList<>();
        try {
            Journal.examine(folder, source, target, settled.verify());
            tryToWrite(folder).ifPresent(failure -> {
                throw new PgconvoyException(
                        ErrorKind.JOURNAL,
                        "cannot write to " + folder + ": " + FileTrouble.reason(failure),
                        "Check --state-dir: the permissions and the free space there.",
                        failure);
            });
        } catch (PgconvoyException obstacle) {
            obstacles.add(obstacle);
        }
        cannotDump(settled).ifPresent(obstacles::add);
        return obstacles;
    }

    /** Why no dumps could be written; empty where they could. */
    Optional<PgconvoyException> cannotDump(MigrationConfig settled) {
        return tryToWrite(settled.dumpRoot()).map(failure -> ArchiveStore.unwritable(settled.dumpRoot(), failure));
    }

    /** In the folder, or where it is to be made; what is written is gone on return. */
    private static Optional<IOException> tryToWrite(Path folder) {
        Path existing = folder;
        while (!Files.exists(existing) && existing.getParent() != null) {
            existing = existing.getParent();
        }
        try {
            Files.delete(Files.createTempFile(existing, "pgconvoy", ".tmp"));
            return Optional.empty();
        } catch (IOException failure) {
            return Optional.of(failure);
        }
    }

    private static Optional<MigrationRecord> peek(Path folder) {
        try {
            return Journal.peek(folder);
        } catch (PgconvoyException damaged) {
            // Of whatever servers: it is looked at when these are named by its own addresses.
            return Optional.empty();
        }
    }

    private static boolean isOf(MigrationRecord known, ServerIdentity source, ServerIdentity target) {
        return isSame(known.source(), source) && isSame(known.target(), target);
    }

    private static boolean isSame(ServerIdentity known, ServerIdentity now) {
        return known.systemIdentifier().equals(now.systemIdentifier()) && (now.isCertain() || isNamed(known, now));
    }

    private static boolean isNamed(ServerIdentity known, ServerIdentity now) {
        return known.host().equals(now.host()) && known.port() == now.port();
    }
}
