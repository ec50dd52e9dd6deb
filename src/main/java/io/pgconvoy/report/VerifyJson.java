package io.pgconvoy.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgconvoy.report.VerifySummary.DatabaseVerdict;
import io.pgconvoy.report.VerifySummary.DifferenceLine;
import java.nio.file.Path;
import java.util.List;

/** What {@code pgconvoy verify} found, for programs. Its schema is docs/summary-json.md, and is stable. */
public final class VerifyJson {
    /** Raised when a field changes its meaning or goes away; not when one is added. */
    private static final int FORMAT = 1;

    private VerifyJson() {}

    /**
     * Writes the file, whole or not at all.
     *
     * @param version pgconvoy's own version
     * @param status the exit status of the run
     * @throws io.pgconvoy.config.PgconvoyException of kind USAGE when that fails; an earlier file is then untouched
     */
    public static void write(VerifySummary summary, String version, int status, Path file) {
        JsonFile.write(tree(summary, version, status), file);
    }

    static ObjectNode tree(VerifySummary summary, String version, int status) {
        ObjectNode root = JsonFile.object();
        root.put("format", FORMAT);
        root.put("version", version);
        root.set("source", SummaryJson.server(summary.source()));
        root.set("target", SummaryJson.server(summary.target()));
        root.put("verify", summary.level().label());
        root.put("started_at", summary.startedAt().toString());
        root.put("elapsed_seconds", JsonFile.seconds(summary.elapsed()));
        root.put("exit_code", status);
        ArrayNode databases = root.putArray("databases");
        summary.databases().forEach(database -> databases.add(database(database)));
        root.set("server_differences", differences(summary.server()));
        ArrayNode warnings = root.putArray("warnings");
        summary.warnings().forEach(warnings::add);
        return root;
    }

    private static ObjectNode database(DatabaseVerdict database) {
        ObjectNode node = JsonFile.object();
        node.put("name", database.name().value());
        node.put("tables", database.tables());
        node.put("rows", database.rows().orElse(null));
        node.put("objects", database.objects());
        node.put("elapsed_seconds", JsonFile.seconds(database.elapsed()));
        node.put("failure", database.failure().orElse(null));
        node.set("differences", differences(database.differences()));
        return node;
    }

    private static ArrayNode differences(List<DifferenceLine> differences) {
        ArrayNode array = JsonFile.array();
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
