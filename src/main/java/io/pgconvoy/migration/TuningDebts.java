package io.pgconvoy.migration;

import io.pgconvoy.config.Endpoint;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.Journal;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.tuning.TargetTuning;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

/** Finds all journals of migrations to one target and reverts what their runs left tuned. */
public final class TuningDebts {
    private final Endpoint target;
    private final Path stateDir;

    public TuningDebts(Endpoint target, Path stateDir) {
        this.target = target;
        this.stateDir = stateDir;
    }

    /**
     * Reverts.
     *
     * @return what was done, in lines for the user
     * @throws PgconvoyException of kind JOURNAL while a run is at work, of kind TARGET where the target does not let us
     */
    public List<String> pay() {
        List<String> lines = new ArrayList<>();
        for (Path folder : folders()) {
            try (AutoCloseable lock = Journal.lockOnly(folder)) {
                Server server = Server.connect(target, "pgconvoy revert-tuning");
                new TargetTuning(server, Journals.tuning(folder), Clock.systemUTC())
                        .revert()
                        .ifPresent(outcome -> lines.addAll(outcome.lines()));
            } catch (RuntimeException failure) {
                throw failure;
            } catch (Exception impossible) {
                throw new IllegalStateException(impossible);
            }
        }
        return lines.isEmpty() ? List.of(target.label() + ": there is no tuning to revert") : lines;
    }

    private List<Path> folders() {
        List<Path> folders = new ArrayList<>();
        if (!Files.isDirectory(stateDir)) {
            return folders;
        }
        try (DirectoryStream<Path> stream =
                Files.newDirectoryStream(stateDir, "*__" + Journal.folderSuffix(target.host(), target.port()))) {
            for (Path folder : stream) {
                if (TargetTuning.isOwed(Journals.tuning(folder))) {
                    folders.add(folder);
                }
            }
        } catch (IOException failure) {
            throw new PgconvoyException(
                    ErrorKind.JOURNAL,
                    "cannot read " + stateDir + ": " + failure.getMessage(),
                    "Check --state-dir.",
                    failure);
        }
        return folders;
    }
}
