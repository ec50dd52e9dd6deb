package io.pgconvoy.inspection;

import io.pgconvoy.catalog.DeferrableTable;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.MigrationConfig;
import io.pgconvoy.globals.GlobalsMigration;
import io.pgconvoy.globals.GlobalsResult;
import io.pgconvoy.journal.JournalStore;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.postgres.locks.LockWatch;
import io.pgconvoy.report.Events;
import io.pgconvoy.survey.DeferralSurvey;
import io.pgconvoy.survey.Discovery;
import io.pgconvoy.survey.EarlierWork;
import io.pgconvoy.survey.RunMessages;
import io.pgconvoy.survey.Survey;
import io.pgconvoy.survey.TargetLock;
import io.pgconvoy.survey.TuningNotice;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Says what a run would do; changes nothing on either server or on disk. */
public final class Previewer {
    private final MigrationConfig given;
    private final Cancellation cancellation;
    private final RunMessages notes;

    public Previewer(MigrationConfig config, Events events, Cancellation cancellation) {
        this.given = config;
        this.cancellation = cancellation;
        this.notes = new RunMessages(events);
    }

    /**
     * Looks.
     *
     * @throws io.pgconvoy.config.PgconvoyException where a run could not begin
     */
    public Preview preview() {
        TargetLock lock = new TargetLock(given.policy().shareTarget(), notes, cancellation);
        Survey survey;
        try {
            survey = Survey.of(given, notes, cancellation, (target, own) -> lock.refuseOthers(target));
        } finally {
            TuningNotice.of(given, cancellation).ifPresent(notice -> notes.warning(notice.toString()));
        }
        MigrationConfig config = survey.config();
        JournalStore journal = survey.place().journal();
        Discovery discovery = Discovery.of(survey.source().server(), config, journal);
        EarlierWork earlier = EarlierWork.of(
                journal, config, discovery.databases(), survey.target().server());
        Map<DatabaseName, List<DeferrableTable>> deferred;
        try (LockWatch locks = LockWatch.start(survey.source().server(), notes::passing)) {
            deferred = DeferralSurvey.run(
                    config,
                    survey.source().server(),
                    survey.target().server(),
                    Optional.empty(),
                    discovery,
                    journal,
                    earlier,
                    notes);
        }
        GlobalsResult globals = config.migrateGlobals()
                ? new GlobalsMigration(survey.source().server(), survey.target().server(), config.tablespaces())
                        .preview()
                : GlobalsResult.NOTHING;
        List<String> warnings = new ArrayList<>(notes.warnings());
        warnings.addAll(globals.warnings());
        return new Preview(
                survey.tools(),
                survey.compression(),
                survey.parallelism(),
                discovery.databases(),
                earlier.complete(),
                deferred,
                globals.changes(),
                warnings);
    }
}
