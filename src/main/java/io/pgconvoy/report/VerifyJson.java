package io.pgconvoy.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgconvoy.report.VerifySummary.DatabaseVerdict;
import io.pgconvoy.report.VerifySummary.DifferenceLine;
import java.util.List;

/** What {@code pgconvoy verify} found, for programs. Its schema is docs/summary-json.md, and is stable. */
public final class VerifyJson {
    /** Raised when a field changes its meaning or goes away; not when one is added. */
    private static final int FORMAT = 1;

    private VerifyJson() {}

    /**
     * Writes it.
     *
     * @param version pgconvoy's own version
     * @param status the exit status of the run
     * @throws io.pgconvoy.config.PgconvoyException of kind USAGE when that fails
     */
    public static void write(VerifySummary summary, String version, int status, JsonOutput output) {
        output.write(tree(summary, version, status));
    }

    static ObjectNode tree(VerifySummary summary, String version, int status) {
        ObjectNode root = Json.object();
        root.put("format", FORMAT);
        root.put("version", version);
        root.set("source", SummaryJson.server(summary.source()));
        root.set("target", SummaryJson.server(summary.target()));
        root.put("verify", summary.level().label());
        root.put("started_at", summary.startedAt().toString());
        root.put("elapsed_seconds", Json.seconds(summary.elapsed()));
        root.put("exit_code", status);
        root.putNull("error");
        root.putNull("hint");
        ArrayNode databases = root.putArray("databases");
        summary.databases().forEach(database -> databases.add(database(database)));
        root.set("server_differences", differences(summary.server()));
        ArrayNode warnings = root.putArray("warnings");
        summary.warnings().forEach(warnings::add);
        return root;
    }

    private static ObjectNode database(DatabaseVerdict database) {
        ObjectNode node = Json.object();
        node.put("name", database.name().value());
        boolean failed = database.failure().isPresent();
        node.put("tables", failed ? null : database.tables());
        node.put("rows", database.rows().orElse(null));
        node.put("objects", failed ? null : database.objects());
        node.put("elapsed_seconds", Json.seconds(database.elapsed()));
        node.put("failure", database.failure().orElse(null));
        node.set("differences", differences(database.differences()));
        return node;
    }

    private static ArrayNode differences(List<DifferenceLine> differences) {
        ArrayNode array = Json.array();
        for (DifferenceLine difference : differences) {
            ObjectNode node = array.addObject();
            node.put("kind", difference.kind());
            node.put("object", difference.object());
            node.put("what", difference.what());
            node.put("look", difference.look());
        }
        return array;
    }
}
