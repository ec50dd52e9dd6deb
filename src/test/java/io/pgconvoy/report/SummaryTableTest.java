package io.pgconvoy.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.model.Failure;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SummaryTableTest {
    @Test
    void endsWithWhatIsLeftOfAnInterruptedRun() {
        Summary interrupted = summary(
                        Summaries.ofEveryOutcome().databases(),
                        List.of(),
                        Optional.of(new PgconvoyException(ErrorKind.INTERRUPTED, "interrupted", "Run again.")),
                        130)
                .continuedBy("pgconvoy migrate");
        assertThat(SummaryTable.lines(interrupted))
                .last()
                .isEqualTo("Interrupted. 3 complete, 1 under way, 1 to do. To go on: pgconvoy migrate");
    }

    @Test
    void saysOnceWhatFailedSeveralDatabases() {
        Summary gone = summary(
                List.of(
                        Summaries.database("crm", Event.Outcome.FAILED, "the target is gone"),
                        Summaries.database("hr", Event.Outcome.FAILED, "no such type"),
                        Summaries.database("new\nline", Event.Outcome.FAILED, "the target is gone")),
                List.of(),
                Optional.empty(),
                3);
        assertThat(SummaryTable.lines(gone))
                .containsSequence("failed:", "  crm, new\\nline: the target is gone", "  hr: no such type");
    }

    @Test
    void saysWhatToDoOnALineOfItsOwn() {
        Summary failed = summary(
                List.of(
                        Summaries.database("crm", Event.Outcome.FAILED, "no such type -- Install it."),
                        Summaries.database("hr", Event.Outcome.FAILED, "no such type -- Install it.")),
                List.of(new Failure(ErrorKind.SOURCE, "not closed", "Close it\nby hand.")),
                Optional.empty(),
                3);
        assertThat(SummaryTable.lines(failed))
                .containsSequence("failed:", "  crm, hr: no such type", "      hint: Install it.", "")
                .containsSequence("errors (1):", "  not closed", "      hint: Close it\\nby hand.", "");
    }

    @Test
    void endsWithWhatToDoAboutWhatBrokeTheRunOff() {
        Summary broken = summary(
                Summaries.ofEveryOutcome().databases(),
                List.of(new Failure(ErrorKind.TARGET, "not reverted", "Run pgconvoy revert-tuning")),
                Optional.of(new PgconvoyException(ErrorKind.TARGET, "not reverted", "Run pgconvoy revert-tuning")),
                11);
        assertThat(SummaryTable.lines(broken)).last().isEqualTo("Run pgconvoy revert-tuning");
    }

    @Test
    void alignsTheDatabasesAndTellsWhatIsToBeToldBeneath() {
        Output output = new Output();
        SummaryTable.print(Summaries.ofEveryOutcome(), output.stream());
        assertThat(output.lines()).containsExactly("""
                old.example:5432 (PostgreSQL 9.6.24) -> new.example:5433 (PostgreSQL 18.6)

                database       size  tables        rows   dump  restore  verify  waited  total  result
                ------------------------------------------------------------------------------------------------------
                shop         1.2 GB   1,234  12,345,678  2m05s    4m00s   4.2 s   9.0 s  6m20s  complete
                日本語       8.0 MB       3           -      -        -       -       -      -  with warnings
                new\\nline    8.0 MB       -           -      -        -       -       -      -  failed
                done         8.0 MB       3           -      -        -       -       -      -  complete earlier
                begun        8.0 MB       -           -      -        -       -       -      -  interrupted (restored)
                late         8.0 MB       -           -      -        -       -       -      -  not reached
                ------------------------------------------------------------------------------------------------------
                6 databases  1.2 GB   1,240  12,345,678  2m05s    4m00s   4.2 s

                deferred tables:
                  shop: 2 tables, open for clients since 2026-11-20T14:09:15Z; dump 1m01s, load 3m00s, indexes 1m30s, verify 2.0 s

                failed:
                  new\\nline: pg_restore: exit status 1\\u001b[31m

                to look at:
                  日本語: statistics differ

                globals (1):
                  created role "app"

                warnings (1):
                  the target has no zstd

                errors (1):
                  one database failed

                1 complete, 1 with warnings, 1 failed, 1 complete earlier, 1 interrupted, 1 not reached
                elapsed 1h02m; gained by overlapping dumps and restores 1m03s
                """.lines().toArray(String[]::new));
    }

    @Test
    void saysSoWhenThereWasNothingToDo() {
        Summary some = Summaries.ofEveryOutcome();
        Summary none = new Summary(
                "0.1.0",
                some.source(),
                some.target(),
                some.startedAt(),
                Duration.ofSeconds(1),
                Duration.ZERO,
                List.of(),
                Collections.nCopies(500, "altered a role"),
                List.of(),
                List.of(),
                Optional.empty(),
                0);
        List<String> lines = SummaryTable.lines(none);
        assertThat(lines)
                .contains("globals (500):", "  ... and 480 more (--summary-json has them all)", "no databases");
        assertThat(lines).filteredOn("  altered a role"::equals).hasSize(20);
    }

    private static Summary summary(
            List<Summary.DatabaseSummary> databases,
            List<Failure> errors,
            Optional<PgconvoyException> failure,
            int exitCode) {
        Summary some = Summaries.ofEveryOutcome();
        return new Summary(
                "0.1.0",
                some.source(),
                some.target(),
                some.startedAt(),
                Duration.ofSeconds(1),
                Duration.ZERO,
                databases,
                List.of(),
                List.of(),
                errors,
                failure,
                exitCode);
    }
}
