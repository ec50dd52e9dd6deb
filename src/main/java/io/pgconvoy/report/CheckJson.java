package io.pgconvoy.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.report.CheckSummary.Item;

/** What {@code pgconvoy check} found, for programs. Its schema is docs/summary-json.md, and is stable. */
public final class CheckJson {
    /** Raised when a field changes its meaning or goes away; not when one is added. */
    private static final int FORMAT = 1;

    private CheckJson() {}

    /**
     * Writes it.
     *
     * @param version pgconvoy's own version
     * @param status the exit status of the run
     * @throws io.pgconvoy.config.PgconvoyException of kind USAGE when that fails
     */
    public static void write(CheckSummary summary, String version, int status, JsonOutput output) {
        output.write(tree(summary, version, status));
    }

    static ObjectNode tree(CheckSummary summary, String version, int status) {
        ObjectNode root = Json.object();
        root.put("format", FORMAT);
        root.put("version", version);
        root.set("source", SummaryJson.server(summary.source()));
        root.set("target", SummaryJson.server(summary.target()));
        root.put("started_at", summary.startedAt().toString());
        root.put("elapsed_seconds", Json.seconds(summary.elapsed()));
        root.put("exit_code", status);
        root.putNull("error");
        root.putNull("hint");
        root.put("databases", summary.databases());
        ArrayNode findings = root.putArray("findings");
        summary.items().forEach(item -> findings.add(item(item)));
        return root;
    }

    private static ObjectNode item(Item item) {
        ObjectNode node = Json.object();
        node.put("check", item.check());
        node.put("severity", CheckTable.severity(item.severity()));
        node.put("server", item.server().orElse(null));
        node.put("what", item.what());
        ArrayNode places = node.putArray("places");
        item.places().forEach(place -> {
            ObjectNode one = places.addObject();
            one.put("database", place.database().map(DatabaseName::value).orElse(null));
            one.put("object", place.object().orElse(null));
        });
        node.put("advice", item.advice());
        node.put("sql", item.sql().orElse(null));
        return node;
    }
}
