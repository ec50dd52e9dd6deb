package io.pgconvoy.migration;

import io.pgconvoy.config.MigrationConfig;
import io.pgconvoy.journal.Journal;
import java.nio.file.Path;

/** Where a migration's journal lies, and what lies in it beside the markers. */
final class Journals {
    private Journals() {}

    static Path folder(MigrationConfig config) {
        return Journal.folder(
                config.stateDir(),
                config.source().host(),
                config.source().port(),
                config.target().host(),
                config.target().port());
    }

    /** What the target's settings were before they were tuned. */
    static Path tuning(Path folder) {
        return folder.resolve("tuning.json");
    }

    /** Which of the source's databases refused connections before they were opened. */
    static Path opened(Path folder) {
        return folder.resolve("opened-databases.json");
    }
}
