package io.pgconvoy.migration;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.catalog.DeferrableTable;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.MigrationConfig;
import io.pgconvoy.globals.GlobalsMigration;
import io.pgconvoy.globals.GlobalsResult;
import io.pgconvoy.journal.Journal;
import io.pgconvoy.postgres.Cancellation;
import io.pgconvoy.report.Events;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Says what a run would do; changes nothing on either server or on disk. */
public final class Previewer {
    private final MigrationConfig config;
    private final Cancellation cancellation;
    private final Notes notes;

    public Previewer(MigrationConfig config, Events events, Cancellation cancellation) {
        this.config = config;
        this.cancellation = cancellation;
        this.notes = new Notes(events);
    }

    /**
     * Looks.
     *
     * @throws io.pgconvoy.config.PgconvoyException where a run could not begin
     */
    public Preview preview() {
        Ground ground = Ground.survey(config, notes, cancellation);
        Path folder = Journals.folder(config);
        Discovery discovery = Discovery.of(ground.source().server(), config);
        Map<DatabaseName, List<DeferrableTable>> deferred = DeferralSurvey.run(
                config,
                ground.source().server(),
                ground.target().server(),
                Optional.empty(),
                discovery,
                folder,
                notes,
                cancellation);
        GlobalsResult globals = config.migrateGlobals()
                ? new GlobalsMigration(ground.source().server(), ground.target().server(), config.tablespaces())
                        .preview()
                : GlobalsResult.NOTHING;
        Set<DatabaseName> complete = discovery.databases().stream()
                .map(DatabaseProperties::name)
                .filter(name -> Journal.isComplete(folder, name, config.analyze()))
                .collect(Collectors.toSet());
        List<String> warnings = new ArrayList<>(notes.warnings());
        warnings.addAll(globals.warnings());
        return new Preview(
                ground.tools(),
                ground.compression(),
                ground.parallelism(),
                discovery.databases(),
                complete,
                deferred,
                globals.changes(),
                warnings);
    }
}
