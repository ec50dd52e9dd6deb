package io.pgconvoy.journal;

import java.util.List;

/**
 * A step of one database's way that leaves a marker.
 *
 * @param <T> what the marker holds
 * @param name the marker's file name without {@code .json}
 */
public record Step<T>(String name, Class<T> type) {
    public static final Step<Markers.Dumped> DUMPED = new Step<>("dumped", Markers.Dumped.class);
    public static final Step<Markers.Created> CREATED = new Step<>("created", Markers.Created.class);
    public static final Step<Markers.Restored> RESTORED = new Step<>("restored", Markers.Restored.class);
    public static final Step<Markers.Done> ANALYZED = new Step<>("analyzed", Markers.Done.class);
    public static final Step<Markers.Verified> VERIFIED = new Step<>("verified", Markers.Verified.class);
    public static final Step<Markers.Done> SETTINGS = new Step<>("settings", Markers.Done.class);
    public static final Step<Markers.Completed> COMPLETED = new Step<>("completed", Markers.Completed.class);

    /** All steps. */
    static final List<Step<?>> ALL = List.of(DUMPED, CREATED, RESTORED, ANALYZED, VERIFIED, SETTINGS, COMPLETED);

    /** All steps that build on the data in the target, in their order. */
    static final List<Step<?>> AFTER_CREATION = List.of(RESTORED, ANALYZED, VERIFIED, SETTINGS, COMPLETED);
}
