package io.pgconvoy.verify.inventory;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.model.Difference;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.concurrent.Cancellation;
import java.util.List;

/**
 * What differs between the inventories of a database, after the target has judged the definitions whose texts differ.
 *
 * @param notes what could not be judged, and why
 */
public record JudgedComparison(List<Difference> differences, List<String> notes) {
    public JudgedComparison {
        differences = List.copyOf(differences);
        notes = List.copyOf(notes);
    }

    /** Compares; both servers are asked only where definitions differ. Nothing on them changes. */
    public static JudgedComparison of(
            Inventory here,
            Inventory there,
            Server source,
            Server target,
            DatabaseName database,
            Cancellation cancellation) {
        TargetJudge judge = new TargetJudge(source, target, database, cancellation);
        List<Difference> differences = InventoryComparison.compare(here, there, judge);
        return new JudgedComparison(differences, judge.notes());
    }
}
