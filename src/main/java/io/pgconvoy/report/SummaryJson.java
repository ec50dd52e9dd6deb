package io.pgconvoy.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.report.Summary.DatabaseSummary;
import io.pgconvoy.report.Summary.DeferredSummary;
import io.pgconvoy.report.Summary.PhaseTime;
import io.pgconvoy.report.Summary.ServerSummary;
import java.time.Instant;
import java.util.Optional;

/** A summary for programs: the file of {@code --summary-json}. Its schema is docs/summary-json.md, and is stable. */
public final class SummaryJson {
    /** Raised when a field changes its meaning or goes away; not when one is added. */
    static final int FORMAT = 1;

    private SummaryJson() {}

    /**
     * Writes it.
     *
     * @throws io.pgconvoy.config.PgconvoyException of kind USAGE when that fails
     */
    public static void write(Summary summary, JsonOutput output) {
        output.write(tree(summary));
    }

    static String text(Summary summary) {
        return Json.text(tree(summary));
    }

    private static ObjectNode tree(Summary summary) {
        ObjectNode root = Json.object();
        root.put("format", FORMAT);
        root.put("version", summary.version());
        root.set("source", server(summary.source()));
        root.set("target", server(summary.target()));
        root.put("started_at", summary.startedAt().toString());
        root.put("elapsed_seconds", Json.seconds(summary.elapsed()));
        root.put("overlap_seconds", Json.seconds(summary.overlap()));
        root.put("exit_code", summary.exitCode());
        root.put("error", summary.end().map(Throwable::getMessage).orElse(null));
        root.put("hint", summary.end().map(PgconvoyException::hint).orElse(null));
        root.put("dry_run", false);
        ArrayNode databases = root.putArray("databases");
        summary.databases().forEach(database -> databases.add(database(database)));
        root.set("totals", totals(SummaryTotals.of(summary.databases())));
        root.set("globals", Json.texts(summary.globals()));
        root.set("warnings", Json.texts(summary.warnings()));
        root.set("errors", Json.texts(summary.errors()));
        return root;
    }

    static ObjectNode server(ServerSummary server) {
        ObjectNode node = Json.object();
        node.put("host", server.host());
        node.put("port", server.port());
        node.put("version", server.version());
        return node;
    }

    private static ObjectNode database(DatabaseSummary database) {
        ObjectNode node = Json.object();
        node.put("name", database.name().value());
        node.put("size_bytes", database.size().bytes());
        node.put("tables", database.tables().orElse(null));
        node.put("rows", database.rows().orElse(null));
        phase(node, "dump", database.dump());
        phase(node, "restore", database.restore());
        phase(node, "verify", database.verify());
        if (database.deferred().isPresent()) {
            node.set("deferred", deferred(database.deferred().get()));
        } else {
            node.putNull("deferred");
        }
        node.put("waited_seconds", Json.seconds(database.waited()));
        node.put("total_seconds", Json.seconds(database.total()));
        node.put("outcome", outcome(database.outcome()));
        node.put("detail", database.detail());
        return node;
    }

    private static ObjectNode deferred(DeferredSummary deferred) {
        ObjectNode node = Json.object();
        node.put("tables", deferred.tables());
        node.put("opened_at", deferred.openedAt().map(Instant::toString).orElse(null));
        phase(node, "dump", deferred.dump());
        phase(node, "load", deferred.load());
        phase(node, "indexes", deferred.indexes());
        phase(node, "verify", deferred.verify());
        return node;
    }

    private static void phase(ObjectNode database, String name, Optional<PhaseTime> phase) {
        if (phase.isEmpty()) {
            database.putNull(name);
            return;
        }
        ObjectNode node = database.putObject(name);
        node.put("started_at", phase.get().startedAt().toString());
        node.put("elapsed_seconds", Json.seconds(phase.get().elapsed()));
    }

    static ObjectNode totals(SummaryTotals totals) {
        ObjectNode node = Json.object();
        node.put("size_bytes", totals.size().bytes());
        node.put("tables", totals.tables());
        node.put("rows", totals.rows());
        node.put("dump_seconds", Json.seconds(totals.dump()));
        node.put("restore_seconds", Json.seconds(totals.restore()));
        node.put("verify_seconds", Json.seconds(totals.verify()));
        return node;
    }

    private static String outcome(Event.Outcome outcome) {
        return switch (outcome) {
            case COMPLETE -> "complete";
            case WARNINGS -> "warnings";
            case DIFFERS -> "differs";
            case FAILED -> "failed";
            case EARLIER -> "earlier";
            case INTERRUPTED -> "interrupted";
            case NOT_REACHED -> "not_reached";
        };
    }
}
