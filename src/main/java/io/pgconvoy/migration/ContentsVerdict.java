package io.pgconvoy.migration;

import io.pgconvoy.verify.Difference;
import java.util.ArrayList;
import java.util.List;

/**
 * What came of comparing what a database holds on both sides.
 *
 * @param differences what should not be
 * @param warnings what differs for a reason that is known, one line each
 */
record ContentsVerdict(List<Difference> differences, List<String> warnings) {
    ContentsVerdict {
        differences = List.copyOf(differences);
        warnings = List.copyOf(warnings);
    }

    /**
     * Judges what was found.
     *
     * @param allowed whether the user has allowed errors of the restore: what is missing then was named before
     * @param clients whether clients have worked in the target's database since it was restored
     */
    static ContentsVerdict of(List<Difference> found, boolean allowed, boolean clients) {
        List<Difference> differences = new ArrayList<>();
        List<String> warnings = new ArrayList<>();
        for (Difference difference : found) {
            if (clients && isClients(difference)) {
                continue;
            }
            if (allowed || isInvalidIndex(difference) || isOfOlderTools(difference)) {
                warnings.add(line(difference));
            } else {
                differences.add(difference);
            }
        }
        return new ContentsVerdict(differences, warnings);
    }

    static String line(Difference difference) {
        return difference.object() + " " + difference.what();
    }

    private static boolean isClients(Difference difference) {
        return difference.kind().equals("sequence") || difference.what().equals("is on the target only");
    }

    /** An older pg_dump does not write what is the default of its own version, and the target's may be another. */
    private static boolean isOfOlderTools(Difference difference) {
        return difference.kind().equals("subscription") && difference.what().startsWith("streaming is ");
    }

    /** pg_dump leaves these out; who wants one has to build it. */
    private static boolean isInvalidIndex(Difference difference) {
        return difference.kind().equals("index") && difference.what().contains("it is invalid on the source");
    }
}
