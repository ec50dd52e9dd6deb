package io.pgconvoy.verify.checksum;

import io.pgconvoy.config.DatabaseName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Finds out which large objects differ, where their checksums do. */
public final class LargeObjectFinder {
    private static final int GROUPS = 1024;
    private static final int NAMED = 5;

    private final LargeObjectSums source;
    private final LargeObjectSums target;

    public LargeObjectFinder(LargeObjectSums source, LargeObjectSums target) {
        this.source = source;
        this.target = target;
    }

    /**
     * Reads all large objects once more, and those of groups that differ a third time.
     *
     * @param snapshot the source's snapshot; empty for the present
     * @return one line for each that differs, but no more than five
     */
    public List<String> find(DatabaseName onSource, DatabaseName onTarget, Optional<String> snapshot) {
        Map<Long, String> expected = source.byRemainder(onSource, snapshot, GROUPS);
        Map<Long, String> found = target.byRemainder(onTarget, Optional.empty(), GROUPS);
        List<String> lines = new ArrayList<>();
        for (long group : differing(expected, found)) {
            if (lines.size() >= NAMED) {
                break;
            }
            Map<Long, String> here = source.single(onSource, snapshot, GROUPS, group);
            Map<Long, String> there = target.single(onTarget, Optional.empty(), GROUPS, group);
            for (long oid : differing(here, there)) {
                lines.add("large object " + oid + " " + difference(here.get(oid), there.get(oid)));
            }
        }
        return List.copyOf(lines.subList(0, Math.min(lines.size(), NAMED)));
    }

    private static String difference(String here, String there) {
        if (there == null) {
            return "is missing on the target";
        }
        return here == null ? "is on the target only" : "has other contents on the target";
    }

    private static Set<Long> differing(Map<Long, String> here, Map<Long, String> there) {
        Set<Long> differing = new TreeSet<>(here.keySet());
        differing.addAll(there.keySet());
        differing.removeIf(key -> Objects.equals(here.get(key), there.get(key)));
        return differing;
    }
}
