package io.pgconvoy.report;

import com.fasterxml.jackson.annotation.JsonIncludeProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import io.pgconvoy.config.ByteSize;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.RawText;
import io.pgconvoy.config.Side;
import io.pgconvoy.config.VerifyLevel;
import io.pgconvoy.model.Difference;
import io.pgconvoy.model.Failure;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Span;
import io.pgconvoy.report.Summary.DatabaseSummary;
import io.pgconvoy.report.Summary.ServerSummary;
import io.pgconvoy.report.VerifySummary.DatabaseVerdict;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a run did or found, for programs: the file of {@code --summary-json}. Its schema is docs/summary-json.md, and is
 * stable.
 */
public final class SummaryJson {
    /** Raised when a field changes its meaning or goes away; not when one is added. */
    private static final int FORMAT = 1;

    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .addModule(new Jdk8Module())
            .addModule(new SimpleModule()
                    .addSerializer(Instant.class, ToStringSerializer.instance)
                    .addSerializer(DatabaseName.class, by((name, out) -> out.writeString(name.value())))
                    .addSerializer(ByteSize.class, by((size, out) -> out.writeNumber(size.bytes())))
                    // To the millisecond.
                    .addSerializer(Duration.class, by((time, out) -> out.writeNumber(time.toMillis() / 1000.0)))
                    .addSerializer(
                            Enum.class,
                            by((one, out) -> out.writeString(one.name().toLowerCase(Locale.ROOT)))))
            .addMixIn(Failure.class, FailureFields.class)
            .addMixIn(Finding.class, FindingFields.class)
            .addMixIn(Span.class, SpanFields.class)
            .addMixIn(Difference.class, DifferenceFields.class)
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    /** The names in the JSON that are not those in the program. */
    private interface FailureFields {
        @JsonProperty("sqlstate")
        Optional<String> sqlState();
    }

    private interface FindingFields {
        @JsonProperty("server")
        Optional<Side> side();
    }

    private interface SpanFields {
        @JsonProperty("elapsed_seconds")
        Duration elapsed();
    }

    /** The rest is in its words. */
    @JsonIncludeProperties({"kind", "object", "what", "look"})
    private interface DifferenceFields {}

    private SummaryJson() {}

    /**
     * Which run it is: what all the documents begin with.
     *
     * @param version pgconvoy's own version
     * @param status the exit status of the run
     */
    public record Head(
            String version,
            Optional<ServerSummary> source,
            Optional<ServerSummary> target,
            Instant startedAt,
            Duration elapsed,
            int status) {
        /** Of a run with a result, which has asked both. */
        private Head(
                String version,
                ServerSummary source,
                ServerSummary target,
                Instant startedAt,
                Duration elapsed,
                int status) {
            this(version, Optional.of(source), Optional.of(target), startedAt, elapsed, status);
        }
    }

    /** A database that would be moved; its outcome is {@code earlier} where nothing would be done. */
    public record Planned(
            DatabaseName name, @JsonProperty("size_bytes") ByteSize size, String outcome) {}

    /** Of {@code pgconvoy migrate}. */
    public static Map<String, Object> of(Summary summary) {
        Head head = new Head(
                summary.version(),
                summary.source(),
                summary.target(),
                summary.startedAt(),
                summary.elapsed(),
                summary.exitCode());
        return migrate(
                head,
                summary.overlap(),
                summary.end().map(Failure::of).stream().toList(),
                false,
                summary.databases(),
                summary.globals(),
                summary.warnings(),
                summary.errors());
    }

    /** Of {@code pgconvoy migrate --dry-run}, with what would be changed outside of the databases. */
    public static Map<String, Object> ofDryRun(
            Head head, List<Planned> databases, List<String> globals, List<String> warnings) {
        Map<String, Object> root =
                migrate(head, Duration.ZERO, List.of(), true, List.of(), globals, warnings, List.of());
        root.put("databases", databases);
        return root;
    }

    private static Map<String, Object> migrate(
            Head head,
            Duration overlap,
            List<Failure> end,
            boolean dryRun,
            List<DatabaseSummary> databases,
            List<String> globals,
            List<String> warnings,
            List<Failure> errors) {
        Map<String, Object> root = start(head);
        root.put("overlap_seconds", overlap);
        end(root, head, end);
        root.put("dry_run", dryRun);
        root.put("databases", databases);
        root.put("totals", SummaryTotals.of(databases));
        root.put("globals", globals);
        root.put("warnings", warnings);
        root.put("errors", errors.stream().map(Failure::line).toList());
        root.put("failures", errors);
        return root;
    }

    /** Of {@code pgconvoy check}. */
    public static Map<String, Object> of(CheckSummary summary, String version, int status) {
        Head head =
                new Head(version, summary.source(), summary.target(), summary.startedAt(), summary.elapsed(), status);
        return check(head, List.of(), summary.databases(), summary.findings());
    }

    private static Map<String, Object> check(Head head, List<Failure> end, int databases, List<Finding> findings) {
        Map<String, Object> root = start(head);
        end(root, head, end);
        root.put("databases", databases);
        root.put("findings", findings);
        root.put("failures", end);
        return root;
    }

    /** Of {@code pgconvoy verify}. */
    public static Map<String, Object> of(VerifySummary summary, String version, int status) {
        Head head =
                new Head(version, summary.source(), summary.target(), summary.startedAt(), summary.elapsed(), status);
        return verify(
                head,
                List.of(),
                Optional.of(summary.level()),
                summary.databases(),
                summary.server(),
                summary.warnings());
    }

    private static Map<String, Object> verify(
            Head head,
            List<Failure> end,
            Optional<VerifyLevel> level,
            List<DatabaseVerdict> databases,
            List<Difference> server,
            List<String> warnings) {
        Map<String, Object> root = start(head);
        end(root, head, end);
        root.put("verify", level);
        root.put("databases", databases);
        root.put("server_differences", server);
        root.put("warnings", warnings);
        root.put("failures", end);
        return root;
    }

    /** Of a run that was refused or broken off before it had a result: why, and nothing else. */
    public static Map<String, Object> ofNoResult(String command, Head head, List<Failure> why) {
        return switch (command) {
            case "check" -> check(head, why, 0, List.of());
            case "verify" -> verify(head, why, Optional.empty(), List.of(), List.of(), List.of());
            default -> {
                Map<String, Object> root =
                        migrate(head, Duration.ZERO, why, false, List.of(), List.of(), List.of(), why);
                root.put("errors", why.stream().map(Failure::message).toList());
                yield root;
            }
        };
    }

    private static Map<String, Object> start(Head head) {
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("format", FORMAT);
        root.put("version", head.version());
        root.put("source", head.source());
        root.put("target", head.target());
        root.put("started_at", head.startedAt());
        root.put("elapsed_seconds", head.elapsed());
        return root;
    }

    private static void end(Map<String, Object> root, Head head, List<Failure> why) {
        String hint = why.stream()
                .map(Failure::hint)
                .filter(text -> !text.isEmpty())
                .distinct()
                .collect(Collectors.joining(" "));
        root.put("exit_code", head.status());
        root.put(
                "error",
                why.isEmpty() ? null : why.stream().map(Failure::message).collect(Collectors.joining("; ")));
        root.put("hint", hint.isEmpty() ? null : hint);
    }

    static String text(Map<String, Object> document) {
        try {
            // A byte that is no UTF-8 as on the screen; nobody could read our own character for it.
            return RawText.json(MAPPER.writeValueAsString(document));
        } catch (JsonProcessingException bug) {
            throw new UncheckedIOException(bug);
        }
    }

    /** How a value is written. */
    private interface Writing<T> {
        void write(T value, JsonGenerator out) throws IOException;
    }

    private static <T> JsonSerializer<T> by(Writing<T> writing) {
        return new JsonSerializer<>() {
            @Override
            public void serialize(T value, JsonGenerator out, SerializerProvider all) throws IOException {
                writing.write(value, out);
            }
        };
    }
}
