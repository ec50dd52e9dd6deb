package io.pgconvoy.journal;

import java.util.List;
import java.util.stream.Stream;

/**
 * A step of one database's way that leaves a marker.
 *
 * @param <T> what the marker holds
 * @param name the marker's, within the database's
 * @param of which databases are not finished without it
 * @param effect what it leaves changed
 * @param large whether the marker may have hundreds of thousands of lines
 */
public record Step<T>(String name, Class<T> type, Of of, Effect effect, boolean large) {
    /** Which databases are not finished without a marker. */
    enum Of {
        EVERY_DATABASE,
        DEFERRED_TABLES,
        NONE
    }

    /** What a step leaves changed; a marker must tell only what survives a crash of the target. */
    public enum Effect {
        /** What it wrote to the target has to be on the target's disk before the marker is written. */
        TARGET,
        NOTHING
    }

    public static final Step<Markers.Dumped> DUMPED = every("dumped", Markers.Dumped.class, Effect.NOTHING);
    /** No step, but the dump's verdict: it is not to be restored again. */
    public static final Step<Markers.DumpAgain> DUMP_AGAIN = word("dump-again", Markers.DumpAgain.class);
    /** What is deferred; only a database that has such tables has this marker and those of such tables. */
    public static final Step<DeferralMarkers.Deferred> DEFERRED = word("deferred", DeferralMarkers.Deferred.class);

    public static final Step<DeferralMarkers.PartsDumped> PARTS_DUMPED =
            deferred("parts-dumped", DeferralMarkers.PartsDumped.class, Effect.NOTHING);

    public static final Step<Markers.Created> CREATED = every("created", Markers.Created.class, Effect.NOTHING);
    /** No step, but what the restore filled that a crash of the server would empty; absent where that is nothing. */
    public static final Step<Markers.Unlogged> UNLOGGED = word("unlogged", Markers.Unlogged.class);

    public static final Step<Markers.Restored> RESTORED = every("restored", Markers.Restored.class, Effect.TARGET);
    public static final Step<Markers.Done> ANALYZED = every("analyzed", Markers.Done.class, Effect.TARGET);
    public static final Step<Markers.Verified> VERIFIED = every("verified", Markers.Verified.class, Effect.NOTHING);
    public static final Step<Markers.Done> SETTINGS = every("settings", Markers.Done.class, Effect.TARGET);
    public static final Step<DeferralMarkers.Opened> OPENED =
            deferred("opened", DeferralMarkers.Opened.class, Effect.TARGET);
    /** No step, but what the next one is about to drop. */
    public static final Step<DeferralMarkers.IndexesDropped> INDEXES_TO_DROP =
            word("indexes-to-drop", DeferralMarkers.IndexesDropped.class);

    public static final Step<DeferralMarkers.IndexesDropped> INDEXES_DROPPED =
            deferred("indexes-dropped", DeferralMarkers.IndexesDropped.class, Effect.TARGET);
    public static final Step<DeferralMarkers.PartsLoaded> PARTS_LOADED =
            deferred("parts-loaded", DeferralMarkers.PartsLoaded.class, Effect.TARGET);
    public static final Step<Markers.Done> INDEXES_BUILT = deferred("indexes-built", Markers.Done.class, Effect.TARGET);
    public static final Step<Markers.Done> FOREIGN_KEYS_VALIDATED =
            deferred("foreign-keys-validated", Markers.Done.class, Effect.TARGET);
    public static final Step<Markers.Done> MATVIEWS_REFRESHED =
            deferred("matviews-refreshed", Markers.Done.class, Effect.TARGET);
    public static final Step<Markers.Verified> DEFERRED_VERIFIED =
            deferred("deferred-verified", Markers.Verified.class, Effect.NOTHING);
    /** Not only the rows are what they were, but everything else. */
    public static final Step<Markers.Done> COMPARED = every("compared", Markers.Done.class, Effect.TARGET);

    public static final Step<Markers.Completed> COMPLETED = every("completed", Markers.Completed.class, Effect.NOTHING);

    /** Every step there is, in their order: what is behind {@link #CREATED} builds on the data in the target. */
    static final List<Step<?>> TABLE = List.of(
            DUMPED,
            DUMP_AGAIN,
            DEFERRED,
            PARTS_DUMPED,
            CREATED,
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

    private static <T> Step<T> every(String name, Class<T> type, Effect effect) {
        return new Step<>(name, type, Of.EVERY_DATABASE, effect, false);
    }

    private static <T> Step<T> deferred(String name, Class<T> type, Effect effect) {
        return new Step<>(name, type, Of.DEFERRED_TABLES, effect, false);
    }

    private static <T> Step<T> word(String name, Class<T> type) {
        return new Step<>(name, type, Of.NONE, Effect.NOTHING, false);
    }

    /** No step, but what a step's marker builds on and is too long for a marker. */
    public static <T> Step<T> kept(String name, Class<T> type) {
        return new Step<>(name, type, Of.NONE, Effect.NOTHING, true);
    }

    /** The marker of a database, whose name in the journal this is. */
    JournalEntry<T> in(String database) {
        return new JournalEntry<>(
                JournalStore.DATABASES + "/" + database + "/" + name,
                type,
                large,
                equals(CREATED)
                        ? "Delete the file, and drop its database on the target or run once with --drop-existing: the"
                                + " database is moved anew then."
                        : "Delete the file to have its step done again, or use the version that wrote it.",
                value -> false,
                "");
    }

    static Stream<Step<?>> of(Of databases) {
        return TABLE.stream().filter(step -> step.of() == databases);
    }
}
