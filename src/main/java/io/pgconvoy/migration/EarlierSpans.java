package io.pgconvoy.migration;

import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.DatabaseJournal;
import io.pgconvoy.journal.DeferralMarkers.PartsDumped;
import io.pgconvoy.journal.DeferralMarkers.PartsLoaded;
import io.pgconvoy.journal.Markers;
import io.pgconvoy.journal.Step;
import io.pgconvoy.model.Phase;
import io.pgconvoy.model.Span;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** When the steps of a database ran whose markers are in the journal, in this run or an earlier one. */
final class EarlierSpans {
    private static final Logger log = LoggerFactory.getLogger(EarlierSpans.class);

    private EarlierSpans() {}

    static Map<Phase, Span> of(DatabaseJournal journal) {
        Map<Phase, Span> spans = new EnumMap<>(Phase.class);
        put(spans, Phase.DUMP, journal, Step.DUMPED, Markers.Dumped::dump);
        put(spans, Phase.RESTORE, journal, Step.RESTORED, Markers.Restored::restore);
        put(spans, Phase.VERIFY, journal, Step.VERIFIED, Markers.Verified::verify);
        put(spans, Phase.DUMP_PARTS, journal, Step.PARTS_DUMPED, PartsDumped::span);
        put(spans, Phase.LOAD_PARTS, journal, Step.PARTS_LOADED, PartsLoaded::span);
        put(spans, Phase.BUILD_INDEXES, journal, Step.INDEXES_BUILT, Markers.Done::span);
        put(spans, Phase.VERIFY_DEFERRED, journal, Step.DEFERRED_VERIFIED, Markers.Verified::verify);
        return spans;
    }

    private static <T> void put(
            Map<Phase, Span> spans, Phase phase, DatabaseJournal journal, Step<T> step, Function<T, Span> span) {
        try {
            journal.read(step).map(span).ifPresent(when -> spans.put(phase, when));
        } catch (PgconvoyException damaged) {
            // Whoever needs the marker says so; the summary does without its times.
            log.debug("no times of {}", step.name(), damaged);
        }
    }
}
