package io.pgconvoy.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgconvoy.config.VerifyLevel;
import io.pgconvoy.model.Difference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SummaryJsonTest {
    @TempDir
    Path folder;

    @Test
    void writesTheDocumentedFields() throws IOException {
        Path file = folder.resolve("summary.json");
        JsonOutput.open(file.toString(), System.out).write(SummaryJson.of(Summaries.ofEveryOutcome()));
        JsonNode root = new ObjectMapper().readTree(file.toFile());
        assertThat(root.path("format").intValue()).isEqualTo(1);
        assertThat(root.path("source").path("host").textValue()).isEqualTo("old.example");
        assertThat(root.path("target").path("port").intValue()).isEqualTo(5433);
        assertThat(root.path("started_at").textValue()).isEqualTo("2026-11-20T14:03:05.678Z");
        assertThat(root.path("elapsed_seconds").doubleValue()).isEqualTo(3725.25);
        assertThat(root.path("overlap_seconds").doubleValue()).isEqualTo(63);
        assertThat(root.path("exit_code").intValue()).isEqualTo(3);
        JsonNode shop = root.path("databases").path(0);
        assertThat(shop.path("size_bytes").longValue()).isEqualTo(1200L << 20);
        assertThat(shop.path("rows").longValue()).isEqualTo(12_345_678);
        assertThat(shop.path("dump").path("elapsed_seconds").doubleValue()).isEqualTo(125);
        assertThat(shop.path("dump").path("started_at").textValue()).isEqualTo("2026-11-20T14:03:05.678Z");
        assertThat(shop.path("deferred").path("tables").intValue()).isEqualTo(2);
        assertThat(shop.path("deferred").path("opened_at").textValue()).isEqualTo("2026-11-20T14:09:15.678Z");
        assertThat(shop.path("deferred").path("indexes").path("elapsed_seconds").doubleValue())
                .isEqualTo(90.5);
        assertThat(root.path("databases").path(2).path("deferred").isNull()).isTrue();
        assertThat(root.path("databases").path(2).path("name").textValue()).isEqualTo("new\nline");
        assertThat(root.path("databases").path(2).path("rows").isNull()).isTrue();
        assertThat(root.path("databases").path(2).path("dump").isNull()).isTrue();
        assertThat(root.path("databases").findValuesAsText("outcome"))
                .containsExactly("complete", "warnings", "failed", "earlier", "interrupted", "not_reached");
        assertThat(root.path("databases").path(2).path("tables").isNull()).isTrue();
        assertThat(root.path("databases").path(4).path("detail").textValue()).isEqualTo("restored");
        assertThat(root.path("totals").path("tables").longValue()).isEqualTo(1240);
        assertThat(root.path("warnings").path(0).textValue()).isEqualTo("the target has no zstd");
    }

    @Test
    void hasFailuresAsObjects() throws IOException {
        Summary some = Summaries.ofEveryOutcome();
        JsonNode database = json(some).path("databases").path(2);
        JsonNode failure = database.path("failures").path(0);
        assertThat(failure.path("kind").textValue()).isEqualTo("target");
        assertThat(failure.path("message").textValue())
                .isEqualTo(database.path("detail").textValue());
        assertThat(failure.path("hint").textValue()).isEmpty();
        assertThat(failure.path("sqlstate").textValue()).isEqualTo("42704");
        assertThat(failure.path("object").textValue()).isEqualTo("TYPE public mood postgres");
        assertThat(json(some).path("databases").path(0).path("failures")).isEmpty();
        assertThat(json(some).path("errors").path(0).textValue()).isEqualTo("one database failed");
        assertThat(json(some).path("failures").path(0).path("message").textValue())
                .isEqualTo("one database failed");
        assertThat(json(some).path("failures").path(0).path("sqlstate").isNull())
                .isTrue();
    }

    private static JsonNode json(Summary summary) throws IOException {
        return new ObjectMapper().readTree(SummaryJson.text(SummaryJson.of(summary)));
    }

    @Test
    void hasTheDocumentedFieldsOfADifference() throws IOException {
        Summary some = Summaries.ofEveryOutcome();
        VerifySummary verified = new VerifySummary(
                some.source(),
                some.target(),
                VerifyLevel.COUNT,
                some.startedAt(),
                some.elapsed(),
                List.of(),
                List.of(new Difference("role", "role app", "", Difference.MISSING, "\\\\du app")),
                List.of());
        JsonNode root = new ObjectMapper().readTree(SummaryJson.text(SummaryJson.of(verified, "0.1.0", 3)));
        assertThat(root.path("server_differences").path(0).fieldNames())
                .toIterable()
                .containsExactly("kind", "object", "what", "look");
    }

    /** Whoever adds a field is reminded to document it. */
    @Test
    void documentsEveryField() throws IOException {
        String page = Files.readString(Path.of("docs/summary-json.md"));
        JsonNode root = new ObjectMapper().readTree(SummaryJson.text(SummaryJson.of(Summaries.ofEveryOutcome())));
        for (JsonNode node : List.of(
                root,
                root.path("source"),
                root.path("databases").path(0),
                root.path("databases").path(0).path("deferred"),
                root.path("failures").path(0),
                root.path("totals"))) {
            node.fieldNames().forEachRemaining(name -> assertThat(page).contains("`" + name + "`"));
        }
    }
}
