package io.pgconvoy.migration;

import java.util.ArrayList;
import java.util.List;

/** Which lines two texts do not have in common, so that a failed comparison of thousands shows only those. */
final class LineDifferences {
    private LineDifferences() {}

    /** The lines to take away (-) from the first text and to add (+) to make it the second; empty where they are equal. */
    static List<String> between(List<String> first, List<String> second) {
        List<String> differences = new ArrayList<>();
        if (first.equals(second)) {
            return differences;
        }
        int[][] common = common(first, second);
        int i = 0;
        int j = 0;
        while (i < first.size() || j < second.size()) {
            if (i < first.size() && j < second.size() && first.get(i).equals(second.get(j))) {
                i++;
                j++;
            } else if (j == second.size() || (i < first.size() && common[i + 1][j] >= common[i][j + 1])) {
                differences.add("- " + first.get(i++));
            } else {
                differences.add("+ " + second.get(j++));
            }
        }
        return differences;
    }

    /** The length of the longest common subsequence of what follows each pair of positions. */
    private static int[][] common(List<String> first, List<String> second) {
        int[][] common = new int[first.size() + 1][second.size() + 1];
        for (int i = first.size() - 1; i >= 0; i--) {
            for (int j = second.size() - 1; j >= 0; j--) {
                common[i][j] = first.get(i).equals(second.get(j))
                        ? common[i + 1][j + 1] + 1
                        : Math.max(common[i + 1][j], common[i][j + 1]);
            }
        }
        return common;
    }
}
