package io.pgconvoy.journal;

import java.util.List;
import java.util.stream.Stream;

/**
 * A step of one database's way that leaves a marker.
 *
 * @param <T> what the marker holds
 * @param name the marker's file name without {@code .json}
 */
public record Step<T>(String name, Class<T> type) {
    public static final Step<Markers.Dumped> DUMPED = new Step<>("dumped", Markers.Dumped.class);
    /** No step, but the dump's verdict: it is not to be restored again. */
    public static final Step<Markers.DumpAgain> DUMP_AGAIN = new Step<>("dump-again", Markers.DumpAgain.class);

    public static final Step<Markers.Created> CREATED = new Step<>("created", Markers.Created.class);
    public static final Step<Markers.Restored> RESTORED = new Step<>("restored", Markers.Restored.class);
    /** No step, but what the restore filled that a crash of the server would empty; absent where that is nothing. */
    public static final Step<Markers.Unlogged> UNLOGGED = new Step<>("unlogged", Markers.Unlogged.class);

    public static final Step<Markers.Done> ANALYZED = new Step<>("analyzed", Markers.Done.class);
    public static final Step<Markers.Verified> VERIFIED = new Step<>("verified", Markers.Verified.class);
    public static final Step<Markers.Done> SETTINGS = new Step<>("settings", Markers.Done.class);
    /** Not only the rows are what they were, but everything else. */
    public static final Step<Markers.Done> COMPARED = new Step<>("compared", Markers.Done.class);

    public static final Step<Markers.Completed> COMPLETED = new Step<>("completed", Markers.Completed.class);

    /** What is deferred; only a database that has such tables has this marker and the following ones. */
    public static final Step<DeferralMarkers.Deferred> DEFERRED =
            new Step<>("deferred", DeferralMarkers.Deferred.class);

    public static final Step<DeferralMarkers.PartsDumped> PARTS_DUMPED =
            new Step<>("parts-dumped", DeferralMarkers.PartsDumped.class);
    public static final Step<DeferralMarkers.Opened> OPENED = new Step<>("opened", DeferralMarkers.Opened.class);
    public static final Step<DeferralMarkers.IndexesDropped> INDEXES_TO_DROP =
            new Step<>("indexes-to-drop", DeferralMarkers.IndexesDropped.class);
    public static final Step<DeferralMarkers.IndexesDropped> INDEXES_DROPPED =
            new Step<>("indexes-dropped", DeferralMarkers.IndexesDropped.class);
    public static final Step<DeferralMarkers.PartsLoaded> PARTS_LOADED =
            new Step<>("parts-loaded", DeferralMarkers.PartsLoaded.class);
    public static final Step<Markers.Done> INDEXES_BUILT = new Step<>("indexes-built", Markers.Done.class);
    public static final Step<Markers.Done> FOREIGN_KEYS_VALIDATED =
            new Step<>("foreign-keys-validated", Markers.Done.class);
    public static final Step<Markers.Done> MATVIEWS_REFRESHED = new Step<>("matviews-refreshed", Markers.Done.class);
    public static final Step<Markers.Verified> DEFERRED_VERIFIED =
            new Step<>("deferred-verified", Markers.Verified.class);

    /** The steps of every database. */
    static final List<Step<?>> ALL =
            List.of(DUMPED, CREATED, RESTORED, ANALYZED, VERIFIED, SETTINGS, COMPARED, COMPLETED);

    /** The further steps of a database with deferred tables. */
    static final List<Step<?>> OF_DEFERRED = List.of(
            PARTS_DUMPED,
            OPENED,
            INDEXES_DROPPED,
            PARTS_LOADED,
            INDEXES_BUILT,
            FOREIGN_KEYS_VALIDATED,
            MATVIEWS_REFRESHED,
            DEFERRED_VERIFIED);

    /** Every step there is. */
    static Stream<Step<?>> every() {
        return Stream.concat(Stream.of(DUMPED, DUMP_AGAIN, CREATED, DEFERRED, PARTS_DUMPED), AFTER_CREATION.stream());
    }

    /** All steps that build on the data in the target, in their order. */
    static final List<Step<?>> AFTER_CREATION = List.of(
            UNLOGGED,
            RESTORED,
            ANALYZED,
            VERIFIED,
            SETTINGS,
            OPENED,
            INDEXES_TO_DROP,
            INDEXES_DROPPED,
            PARTS_LOADED,
            INDEXES_BUILT,
            FOREIGN_KEYS_VALIDATED,
            MATVIEWS_REFRESHED,
            DEFERRED_VERIFIED,
            COMPARED,
            COMPLETED);
}
