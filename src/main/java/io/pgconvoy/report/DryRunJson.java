package io.pgconvoy.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgconvoy.config.ByteSize;
import io.pgconvoy.config.DatabaseName;
import java.util.List;

/** What {@code pgconvoy migrate --dry-run} would do, for programs: some of the fields of a run that does it. */
public final class DryRunJson {
    private DryRunJson() {}

    /**
     * A database that would be moved.
     *
     * @param earlier whether an earlier run has completed it, so that nothing would be done
     */
    public record Planned(DatabaseName name, ByteSize size, boolean earlier) {}

    /**
     * Writes it.
     *
     * @param head the servers and the exit status
     * @param globals what would be changed outside of the databases
     * @throws io.pgconvoy.config.PgconvoyException of kind USAGE when that fails
     */
    public static void write(
            NoResultJson.Reason head,
            List<Planned> databases,
            List<String> globals,
            List<String> warnings,
            JsonOutput output) {
        ObjectNode root = NoResultJson.migrate(head);
        root.put("dry_run", true);
        ArrayNode array = root.putArray("databases");
        for (Planned database : databases) {
            ObjectNode node = array.addObject();
            node.put("name", database.name().value());
            node.put("size_bytes", database.size().bytes());
            node.put("outcome", database.earlier() ? "earlier" : "planned");
        }
        root.set("globals", Json.texts(globals));
        root.set("warnings", Json.texts(warnings));
        output.write(root);
    }
}
