package io.pgconvoy.migration.source;

import io.pgconvoy.migration.target.RestoreErrorKind;
import io.pgconvoy.model.Difference;
import io.pgconvoy.verify.inventory.ExtensionMemberDifferences;
import io.pgconvoy.verify.inventory.SystemObjectDifferences;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What came of comparing what a database holds on both sides.
 *
 * @param differences what should not be
 * @param warnings what differs for a reason that is known, one line each
 */
public record InventoryResult(List<Difference> differences, List<String> warnings) {
    /** So many stand in a line that also has their number. */
    private static final int NAMED = 20;

    /** What {@link RestoreErrorKind} counts as rights and extras, as the inventory calls it. */
    private static final Set<String> ATTRIBUTES_BEYOND_USER = Set.of("owner", "privileges", "comment");

    private static final List<String> TABLESPACE_SETTINGS =
            List.of("setting default_tablespace of ", "setting temp_tablespaces of ");

    private static final Set<String> KINDS_BEYOND_USER = Set.of(
            "default privileges",
            "security label",
            "event trigger",
            "publication",
            "subscription",
            "object of the server or of an extension");

    public InventoryResult {
        differences = List.copyOf(differences);
        warnings = List.copyOf(warnings);
    }

    /**
     * What decides whether a difference is as it must be.
     *
     * @param allowedErrors whether the restore had errors that the user has allowed: what is missing was named then
     * @param clients whether clients have worked in the target's database since it was restored
     * @param managed whether the target's user is no superuser, so that what only one may set was left out and named
     * @param withoutTablespaces whether the user wants everything in the default tablespace
     * @param ignoredChecks the checks whose blockers the user let pass: what they announced is no surprise
     */
    record Circumstances(
            boolean allowedErrors,
            boolean clients,
            boolean managed,
            boolean withoutTablespaces,
            Set<String> ignoredChecks) {}

    /** Judges what was found. */
    static InventoryResult of(List<Difference> found, Circumstances circumstances) {
        List<Difference> differences = new ArrayList<>();
        List<String> known = new ArrayList<>();
        List<String> unset = new ArrayList<>();
        for (Difference difference : found) {
            if ((circumstances.clients() && isClients(difference))
                    || (circumstances.withoutTablespaces() && isTablespace(difference))) {
                continue;
            }
            if (circumstances.managed() && isBeyondUser(difference)) {
                unset.add(difference.sentence());
            } else if (circumstances.allowedErrors()
                    || difference.announced().isPresent()
                    || isOfOlderTools(difference)
                    || isAnnouncedOfExtension(difference, circumstances.ignoredChecks())
                    || isAnnouncedOfServer(difference, circumstances.ignoredChecks())) {
                known.add(difference.sentence());
            } else {
                differences.add(difference);
            }
        }
        List<String> warnings = new ArrayList<>(known);
        warnings.addAll(some("could not be set by the target's user: ", unset));
        return new InventoryResult(differences, warnings);
    }

    /** The same with these differences. */
    InventoryResult onlyThose(List<Difference> remaining) {
        return new InventoryResult(remaining, warnings);
    }

    /** The same with further warnings. */
    InventoryResult with(List<String> further) {
        List<String> all = new ArrayList<>(warnings);
        all.addAll(further);
        return new InventoryResult(differences, all);
    }

    /** One line, however many there are. */
    private static List<String> some(String what, List<String> sentences) {
        return sentences.isEmpty()
                ? List.of()
                : List.of(sentences.size() + " things " + what
                        + String.join("; ", sentences.subList(0, Math.min(NAMED, sentences.size())))
                        + (sentences.size() > NAMED ? "; ... ('pgconvoy verify' names all)" : ""));
    }

    private static boolean isClients(Difference difference) {
        return (difference.kind().equals("sequence") && difference.attribute().equals("last value"))
                || difference.what().equals(Difference.TARGET_ONLY);
    }

    /** Whether it is about where things lie. */
    public static boolean isTablespace(Difference difference) {
        return difference.kind().equals("tablespace")
                || difference.attribute().equals("tablespace")
                || TABLESPACE_SETTINGS.stream().anyMatch(difference.object()::startsWith);
    }

    private static boolean isBeyondUser(Difference difference) {
        return ATTRIBUTES_BEYOND_USER.contains(difference.attribute())
                || KINDS_BEYOND_USER.contains(difference.kind())
                || isTablespace(difference);
    }

    /** An older pg_dump does not write what is the default of its own version, and the target's may be another. */
    private static boolean isOfOlderTools(Difference difference) {
        return difference.kind().equals("subscription")
                && difference.attribute().equals("streaming");
    }

    /** What a check has said of an extension's members, and the user let pass: that it does not arrive. */
    private static boolean isAnnouncedOfExtension(Difference difference, Set<String> ignoredChecks) {
        return difference.kind().equals(ExtensionMemberDifferences.KIND)
                && switch (difference.attribute()) {
                    case ExtensionMemberDifferences.DEFINITION,
                            ExtensionMemberDifferences.ROWS_BACK,
                            ExtensionMemberDifferences.ROWS_CHANGED -> true;
                    case ExtensionMemberDifferences.ROWS -> ignoredChecks.contains("extension-rows");
                    default -> ignoredChecks.contains("extension-additions");
                };
    }

    /** What a check has said of the server's own schemas, and the user let pass: that it does not arrive. */
    private static boolean isAnnouncedOfServer(Difference difference, Set<String> ignoredChecks) {
        return difference.kind().equals(SystemObjectDifferences.CHANGED)
                || (difference.kind().equals(SystemObjectDifferences.MADE) && ignoredChecks.contains("system-objects"));
    }
}
