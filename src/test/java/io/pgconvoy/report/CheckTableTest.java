package io.pgconvoy.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Severity;
import io.pgconvoy.report.Summary.ServerSummary;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CheckTableTest {
    @Test
    void givesAdviceOnceForFindingsInARow() {
        assertThat(lines(
                        item("extensions", Severity.BLOCKER, "no a", "Install it."),
                        item("extensions", Severity.BLOCKER, "no b", "Install it."),
                        item("extensions", Severity.WARNING, "no c", "Install it."),
                        item("roles", Severity.WARNING, "no d", "Rename it."),
                        item("roles", Severity.WARNING, "no e", "Drop it.")))
                .containsExactly(
                        "blocker  extensions  no a",
                        "blocker  extensions  no b",
                        "                     Install it.",
                        "warning  extensions  no c",
                        "                     Install it.",
                        "warning  roles       no d",
                        "                     Rename it.",
                        "warning  roles       no e",
                        "                     Drop it.",
                        "",
                        "2 blockers, 3 warnings, 0 notes; 1 database looked into in 2.0 s");
    }

    @Test
    void saysThatThereIsNothing() {
        assertThat(lines()).containsExactly("0 blockers, 0 warnings, 0 notes; 1 database looked into in 2.0 s");
    }

    @Test
    void makesNamesSafeToPrint() {
        assertThat(lines(item("roles", Severity.NOTE, "role \"a\u001b[31m\nb\"", "")))
                .hasSize(3)
                .noneMatch(line -> line.contains("\u001b") || line.contains("\n"));
    }

    /** Below the line about the servers and the empty one after it. */
    private static List<String> lines(Finding... findings) {
        List<String> lines = CheckTable.lines(new CheckSummary(
                new ServerSummary("old.example", 5432, "9.6.24"),
                new ServerSummary("new.example", 5433, "18.6"),
                Summaries.START,
                Duration.ofSeconds(2),
                1,
                List.of(findings)));
        return lines.subList(2, lines.size());
    }

    private static Finding item(String check, Severity severity, String sentence, String advice) {
        return new Finding(check, severity, Optional.empty(), sentence, List.of(), advice, Optional.empty());
    }
}
