package io.pgconvoy.postgres.locks;

import java.util.List;
import java.util.Map;

/**
 * Which locks exclude each other.
 *
 * @see <a href="https://www.postgresql.org/docs/current/explicit-locking.html">Explicit Locking</a>
 */
final class LockModes {
    private static final String ACCESS_SHARE = "AccessShareLock";
    private static final String ROW_SHARE = "RowShareLock";
    private static final String ROW_EXCLUSIVE = "RowExclusiveLock";
    private static final String SHARE_UPDATE_EXCLUSIVE = "ShareUpdateExclusiveLock";
    private static final String SHARE = "ShareLock";
    private static final String SHARE_ROW_EXCLUSIVE = "ShareRowExclusiveLock";
    private static final String EXCLUSIVE = "ExclusiveLock";
    private static final String ACCESS_EXCLUSIVE = "AccessExclusiveLock";

    private static final Map<String, List<String>> CONFLICTS = Map.of(
            ACCESS_SHARE, List.of(ACCESS_EXCLUSIVE),
            ROW_SHARE, List.of(EXCLUSIVE, ACCESS_EXCLUSIVE),
            ROW_EXCLUSIVE, List.of(SHARE, SHARE_ROW_EXCLUSIVE, EXCLUSIVE, ACCESS_EXCLUSIVE),
            SHARE_UPDATE_EXCLUSIVE,
                    List.of(SHARE_UPDATE_EXCLUSIVE, SHARE, SHARE_ROW_EXCLUSIVE, EXCLUSIVE, ACCESS_EXCLUSIVE),
            SHARE, List.of(ROW_EXCLUSIVE, SHARE_UPDATE_EXCLUSIVE, SHARE_ROW_EXCLUSIVE, EXCLUSIVE, ACCESS_EXCLUSIVE),
            SHARE_ROW_EXCLUSIVE,
                    List.of(
                            ROW_EXCLUSIVE,
                            SHARE_UPDATE_EXCLUSIVE,
                            SHARE,
                            SHARE_ROW_EXCLUSIVE,
                            EXCLUSIVE,
                            ACCESS_EXCLUSIVE),
            EXCLUSIVE,
                    List.of(
                            ROW_SHARE,
                            ROW_EXCLUSIVE,
                            SHARE_UPDATE_EXCLUSIVE,
                            SHARE,
                            SHARE_ROW_EXCLUSIVE,
                            EXCLUSIVE,
                            ACCESS_EXCLUSIVE),
            ACCESS_EXCLUSIVE,
                    List.of(
                            ACCESS_SHARE,
                            ROW_SHARE,
                            ROW_EXCLUSIVE,
                            SHARE_UPDATE_EXCLUSIVE,
                            SHARE,
                            SHARE_ROW_EXCLUSIVE,
                            EXCLUSIVE,
                            ACCESS_EXCLUSIVE));

    private LockModes() {}

    /** Whether one excludes the other, by their names in pg_locks. */
    static boolean conflict(String one, String other) {
        return CONFLICTS.getOrDefault(one, List.of()).contains(other);
    }
}
