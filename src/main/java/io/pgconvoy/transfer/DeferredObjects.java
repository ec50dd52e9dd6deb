package io.pgconvoy.transfer;

import io.pgconvoy.journal.DeferralMarkers.DeferredConstraint;
import io.pgconvoy.journal.DeferralMarkers.DeferredForeignKey;
import io.pgconvoy.journal.DeferralMarkers.DeferredIndex;
import io.pgconvoy.journal.DeferralMarkers.DeferredTrigger;
import java.util.List;

/**
 * The objects around deferred tables that cannot come with everything else.
 *
 * @param indexes of the deferred tables, those of constraints excepted
 * @param foreignKeys from or to a deferred table, or a partitioned table above one
 * @param constraints that are NOT VALID
 * @param materializedViews OIDs of populated ones that show deferred tables, directly or by way of other views
 * @param triggers that fire under {@code session_replication_role = replica} too
 */
public record DeferredObjects(
        List<DeferredIndex> indexes,
        List<DeferredForeignKey> foreignKeys,
        List<DeferredConstraint> constraints,
        List<Long> materializedViews,
        List<DeferredTrigger> triggers) {
    /** Where no table is deferred. */
    public static final DeferredObjects NONE =
            new DeferredObjects(List.of(), List.of(), List.of(), List.of(), List.of());

    public DeferredObjects {
        indexes = List.copyOf(indexes);
        foreignKeys = List.copyOf(foreignKeys);
        constraints = List.copyOf(constraints);
        materializedViews = List.copyOf(materializedViews);
        triggers = List.copyOf(triggers);
    }
}
