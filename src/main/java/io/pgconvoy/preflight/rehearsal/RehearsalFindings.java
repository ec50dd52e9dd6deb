package io.pgconvoy.preflight.rehearsal;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.Side;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.model.Severity;
import io.pgconvoy.postgres.toc.ArchiveToc;
import io.pgconvoy.postgres.toc.TocEntry;
import io.pgconvoy.postgres.tools.RestoreError;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Says what came of restoring a database's schema into a scratch database. */
public final class RehearsalFindings {
    /** As a check is called that {@code --ignore-check} may name. */
    public static final String NAME = "schema-rehearsal";

    private final Collection<String> rolesToCome;
    private final Collection<String> tablespacesToCome;

    /**
     * @param rolesToCome roles that the migration makes before it restores anything, and that are not there yet
     * @param tablespacesToCome tablespaces, likewise
     */
    public RehearsalFindings(Collection<String> rolesToCome, Collection<String> tablespacesToCome) {
        this.rolesToCome = rolesToCome;
        this.tablespacesToCome = tablespacesToCome;
    }

    /**
     * One finding for each error that is neither known to be harmless nor due to what the rehearsal lacks. Of errors that
     * follow from others (no index on a table that could not be made), only the number is told.
     *
     * @param toc the archive's contents
     * @param errors what pg_restore reported
     */
    public List<Finding> of(DatabaseName database, ArchiveToc toc, List<RestoreError> errors) {
        Map<String, TocEntry> entries = toc.entries().stream()
                .collect(Collectors.toMap(TocEntry::label, Function.identity(), (first, second) -> first));
        Set<String> unmade = new HashSet<>();
        Set<String> told = new HashSet<>();
        List<RestoreError> ours = new ArrayList<>();
        int following = 0;
        for (RestoreError error : errors) {
            if (error.harmlessBecause().isPresent()) {
                continue;
            }
            if (isToCome(error)) {
                // A policy for a role to come is not made, nor its comment; an object without its owner is.
                if (!error.command().contains(" OWNER TO ")) {
                    unmade.add(error.entry());
                }
            } else if (unmade.contains(error.entry()) || (!error.entry().isEmpty() && !told.add(error.entry()))) {
                following++;
            } else {
                ours.add(error);
            }
        }
        Set<TocEntry> consequencesOfRoles = dependents(toc, entries, unmade);
        Set<TocEntry> consequences = dependents(toc, entries, told);
        List<Finding> findings = new ArrayList<>();
        for (RestoreError error : ours) {
            TocEntry entry = entries.get(error.entry());
            if (entry != null && consequences.contains(entry)) {
                following++;
            } else if (entry == null || !consequencesOfRoles.contains(entry)) {
                findings.add(finding(database, error));
            }
        }
        if (following > 0) {
            findings.add(new Finding(
                    NAME,
                    Severity.NOTE,
                    Optional.of(Side.TARGET),
                    following + (following == 1 ? " more error follows" : " more errors follow")
                            + " from those that are named",
                    List.of(Place.of(database)),
                    "They are gone when those are repaired.",
                    Optional.empty()));
        }
        return findings;
    }

    private static Set<TocEntry> dependents(ArchiveToc toc, Map<String, TocEntry> entries, Set<String> labels) {
        return toc.dependents(
                labels.stream().map(entries::get).filter(Objects::nonNull).toList());
    }

    private static Finding finding(DatabaseName database, RestoreError error) {
        return new Finding(
                NAME,
                Severity.BLOCKER,
                Optional.of(Side.TARGET),
                words(error.message()),
                List.of(error.entry().isEmpty() ? Place.of(database) : Place.of(database, error.entry())),
                "Change the object on the source, or drop it there if it is not needed; --allow-restore-errors leaves"
                        + " behind what fails.",
                Optional.of(error.command()).filter(command -> !command.isEmpty()));
    }

    /** The server's own words: neither pg_restore's before them nor the place in the statement, which is told as a whole. */
    private static String words(String message) {
        return message.replaceFirst("^could not execute query: ERROR:\\s+", "").replaceFirst(" / LINE \\d+: .*$", "");
    }

    /** Whether it failed for a role that a migration makes before it restores. */
    public boolean lacksRoleToCome(RestoreError error) {
        return rolesToCome.stream()
                .anyMatch(role -> error.message().contains("role \"" + oneLine(role) + "\" does not exist"));
    }

    /** The same for a role or a tablespace. */
    private boolean isToCome(RestoreError error) {
        String message = error.message();
        return lacksRoleToCome(error)
                || tablespacesToCome.stream()
                        .anyMatch(tablespace ->
                                message.contains("tablespace \"" + oneLine(tablespace) + "\" does not exist"));
    }

    /** A message of several lines is told in one: {@link io.pgconvoy.postgres.tools.RestoreError#message}. */
    private static String oneLine(String name) {
        return name.lines().map(String::strip).filter(line -> !line.isEmpty()).collect(Collectors.joining(" / "));
    }
}
