package io.pgconvoy.verify.checksum;

import io.pgconvoy.config.DatabaseName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongPredicate;

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
     * @param which OIDs of those that matter
     * @return those that differ, but no more than five
     */
    public List<LargeObjectDifference> find(
            DatabaseName onSource, DatabaseName onTarget, Optional<String> snapshot, LongPredicate which) {
        Map<Long, String> groupsHere = source.byRemainder(onSource, snapshot, GROUPS);
        Map<Long, String> groupsThere = target.byRemainder(onTarget, Optional.empty(), GROUPS);
        List<LargeObjectDifference> found = new ArrayList<>();
        for (long group : differing(groupsHere, groupsThere)) {
            if (found.size() >= NAMED) {
                break;
            }
            Map<Long, String> here = source.single(onSource, snapshot, GROUPS, group);
            Map<Long, String> there = target.single(onTarget, Optional.empty(), GROUPS, group);
            for (long oid : differing(here, there)) {
                if (which.test(oid)) {
                    found.add(new LargeObjectDifference(oid, difference(here.get(oid), there.get(oid))));
                }
            }
        }
        return List.copyOf(found.subList(0, Math.min(found.size(), NAMED)));
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
