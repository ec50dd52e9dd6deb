package io.pgconvoy.report;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgconvoy.config.Endpoint;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What programs read of a run that was refused or broken off before it had a result: why, and nothing else. */
public final class NoResultJson {
    private NoResultJson() {}

    /**
     * Why there is no result.
     *
     * @param version pgconvoy's own version
     * @param errors what was the matter, one sentence each
     * @param hint what to do about it; may be empty
     */
    public record Reason(
            String version,
            Optional<Endpoint> source,
            Optional<Endpoint> target,
            Instant startedAt,
            int status,
            List<String> errors,
            String hint) {
        public Reason {
            errors = List.copyOf(errors);
        }
    }

    /** Writes it with the fields of {@code pgconvoy migrate}. */
    public static void ofMigrate(Reason reason, JsonOutput output) {
        output.write(migrate(reason));
    }

    static ObjectNode migrate(Reason reason) {
        ObjectNode root = head(reason);
        root.put("overlap_seconds", 0.0);
        end(root, reason);
        root.put("dry_run", false);
        root.putArray("databases");
        root.set("totals", SummaryJson.totals(SummaryTotals.of(List.of())));
        root.putArray("globals");
        root.putArray("warnings");
        root.set("errors", Json.texts(reason.errors()));
        return root;
    }

    /** Writes it with the fields of {@code pgconvoy check}. */
    public static void ofCheck(Reason reason, JsonOutput output) {
        ObjectNode root = head(reason);
        end(root, reason);
        root.put("databases", 0);
        root.putArray("findings");
        output.write(root);
    }

    /** Writes it with the fields of {@code pgconvoy verify}. */
    public static void ofVerify(Reason reason, JsonOutput output) {
        ObjectNode root = head(reason);
        root.putNull("verify");
        end(root, reason);
        root.putArray("databases");
        root.putArray("server_differences");
        root.putArray("warnings");
        output.write(root);
    }

    private static ObjectNode head(Reason reason) {
        ObjectNode root = Json.object();
        root.put("format", SummaryJson.FORMAT);
        root.put("version", reason.version());
        server(root, "source", reason.source());
        server(root, "target", reason.target());
        root.put("started_at", reason.startedAt().toString());
        root.put("elapsed_seconds", Json.seconds(Duration.between(reason.startedAt(), Instant.now())));
        return root;
    }

    private static void end(ObjectNode root, Reason reason) {
        root.put("exit_code", reason.status());
        root.put("error", reason.errors().isEmpty() ? null : String.join("; ", reason.errors()));
        root.put("hint", reason.hint().isEmpty() ? null : reason.hint());
    }

    private static void server(ObjectNode root, String name, Optional<Endpoint> endpoint) {
        if (endpoint.isEmpty()) {
            root.putNull(name);
            return;
        }
        ObjectNode node = root.putObject(name);
        node.put("host", endpoint.get().host());
        node.put("port", endpoint.get().port());
        node.putNull("version");
    }
}
