package io.pgconvoy.survey;

import io.pgconvoy.config.DumpRoot;
import io.pgconvoy.config.DurableFiles;
import io.pgconvoy.config.MigrationConfig;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.Journal;
import io.pgconvoy.journal.JournalStore;
import io.pgconvoy.journal.Journals;
import io.pgconvoy.journal.MigrationRecord;
import io.pgconvoy.journal.ServerIdentity;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where the journal of a migration between two servers is, or is to be: where their addresses say, unless
 * these servers were known by other addresses when it was begun.
 *
 * @param begun what that journal is about, if there is one
 */
public record JournalPlace(
        JournalStore journal, ServerIdentity source, ServerIdentity target, Optional<MigrationRecord> begun) {
    /**
     * Looks for it.
     *
     * @throws PgconvoyException of kind JOURNAL where the folder cannot be read, or its record is damaged
     */
    public static JournalPlace find(MigrationConfig config, ServerIdentity source, ServerIdentity target) {
        JournalStore named = named(config);
        Optional<MigrationRecord> begun = Journal.peek(named);
        if (begun.filter(known -> isOf(known, source, target)).isEmpty()) {
            Optional<JournalPlace> other = new Journals(config.stateDir())
                    .all(JournalStore::exists).stream()
                            .filter(journal -> !journal.equals(named))
                            .flatMap(journal -> peek(journal)
                                    .filter(known -> isOf(known, source, target))
                                    .map(known -> new JournalPlace(journal, source, target, Optional.of(known)))
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
    public static JournalPlace unread(MigrationConfig config, ServerIdentity source, ServerIdentity target) {
        return new JournalPlace(named(config), source, target, Optional.empty());
    }

    /** What the addresses name. */
    public static JournalStore named(MigrationConfig config) {
        return new Journals(config.stateDir())
                .between(
                        config.source().host(),
                        config.source().port(),
                        config.target().host(),
                        config.target().port());
    }

    /** Which journals of other migrations to the target made which of its databases, told by OIDs. */
    Map<Long, String> madeByOthers(MigrationConfig config) {
        Map<Long, String> made = new HashMap<>();
        for (JournalStore other : new Journals(config.stateDir()).all(JournalStore::exists)) {
            if (target.isCertain()
                    && !other.equals(journal)
                    && peek(other)
                            .filter(known -> known.target().systemIdentifier().equals(target.systemIdentifier()))
                            .isPresent()) {
                Journal.madeOnTarget(other).forEach(oid -> made.put(oid, other.label()));
            }
        }
        return made;
    }

    /** What to tell the user of a journal whose folder has another name than expected. */
    public Optional<String> otherName() {
        return begun.filter(known -> !isNamed(known.source(), source) || !isNamed(known.target(), target))
                .map(known -> "going on with the migration in " + journal.label() + ", which knows these servers as "
                        + known.source().host() + ":" + known.source().port() + " and "
                        + known.target().host() + ":" + known.target().port());
    }

    /** The options with what the journal decides where the user says nothing. */
    public MigrationConfig settle(MigrationConfig config) {
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
            Journal.examine(journal, source, target, settled.verify());
        } catch (PgconvoyException obstacle) {
            obstacles.add(obstacle);
        }
        cannotDump(settled).ifPresent(obstacles::add);
        return obstacles;
    }

    /** Why no dumps could be written; empty where they could. */
    Optional<PgconvoyException> cannotDump(MigrationConfig settled) {
        return DurableFiles.obstacle(settled.dumpRoot()).map(failure -> DumpRoot.unusable(settled.dumpRoot(), failure));
    }

    private static Optional<MigrationRecord> peek(JournalStore journal) {
        try {
            return Journal.peek(journal);
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
