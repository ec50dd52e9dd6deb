package io.pgconvoy.verify;

import io.github.resilience4j.bulkhead.Bulkhead;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.VerifyLevel;
import io.pgconvoy.journal.Markers.TableRows;
import io.pgconvoy.model.Difference;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.ServerPools;
import io.pgconvoy.postgres.Sql;
import io.pgconvoy.postgres.UnsettledException;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.postgres.concurrent.Tasks;
import io.pgconvoy.postgres.locks.SnapshotHolder;
import io.pgconvoy.postgres.retry.Attempts;
import io.pgconvoy.verify.checksum.LargeObjectFinder;
import io.pgconvoy.verify.checksum.LargeObjectSum;
import io.pgconvoy.verify.checksum.LargeObjectSums;
import io.pgconvoy.verify.checksum.RowDifferences;
import io.pgconvoy.verify.checksum.RowFinder;
import io.pgconvoy.verify.inventory.Inventory;
import io.pgconvoy.verify.inventory.InventoryReader;
import io.pgconvoy.verify.inventory.JudgedComparison;
import io.pgconvoy.verify.inventory.Names;
import io.pgconvoy.verify.rows.Comparison;
import io.pgconvoy.verify.rows.Comparison.TableDifference;
import io.pgconvoy.verify.rows.ReadTransactions;
import io.pgconvoy.verify.rows.StaleViews;
import io.pgconvoy.verify.rows.TableRowsReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Compares what a database holds on both servers, each side as one snapshot sees it. Safe for use by many threads on
 * different databases.
 */
public final class DatabaseComparison {
    private static final String LARGE_OBJECT = "large object";

    /** So many names stand in a line that also has their number. */
    private static final int SOME = 5;

    private final Side source;
    private final Side target;
    private final VerifyLevel level;
    private final RowFinder rowFinder;
    private final LargeObjectFinder largeObjectFinder;
    private final Consumer<String> tell;
    private final Cancellation cancellation;

    /**
     * @param sourceBulkhead the limit on queries over all databases of the source
     * @param targetBulkhead likewise of the target
     * @param concurrency the most queries, and connections, at once for one database on one side
     * @param tell receives what is said while somebody is in the way
     */
    public DatabaseComparison(
            ServerPools source,
            ServerPools target,
            Bulkhead sourceBulkhead,
            Bulkhead targetBulkhead,
            int concurrency,
            VerifyLevel level,
            Consumer<String> tell,
            Cancellation cancellation) {
        ReadTransactions onSource = new ReadTransactions(source, sourceBulkhead, concurrency);
        ReadTransactions onTarget = new ReadTransactions(target, targetBulkhead, concurrency);
        this.source = Side.of(onSource, level);
        this.target = Side.of(onTarget, level);
        this.level = level;
        this.rowFinder = new RowFinder(onSource, onTarget);
        this.largeObjectFinder = new LargeObjectFinder(this.source.largeObjects(), this.target.largeObjects());
        this.tell = tell;
        this.cancellation = cancellation;
    }

    private record Side(Server server, TableRowsReader rows, LargeObjectSums largeObjects) {
        static Side of(ReadTransactions transactions, VerifyLevel level) {
            return new Side(
                    transactions.server(), new TableRowsReader(transactions, level), new LargeObjectSums(transactions));
        }
    }

    /** What one side holds. */
    private record Contents(Inventory inventory, List<TableRows> rows, Optional<LargeObjectSum> largeObjects) {}

    /**
     * What came of it.
     *
     * @param tables how many tables' rows were compared
     * @param rows the source's rows in all; empty where they were not counted
     * @param objects how many objects the source's inventory has
     * @param warnings what could not be compared, or differs only in an estimate
     */
    public record Result(
            long tables, Optional<Long> rows, long objects, List<Difference> differences, List<String> warnings) {
        public Result {
            differences = List.copyOf(differences);
            warnings = List.copyOf(warnings);
        }
    }

    /**
     * Compares one database, which is there on both sides.
     *
     * @throws io.pgconvoy.config.PgconvoyException of a server's kind when a query fails
     */
    public Result compare(DatabaseName database) {
        try (Tasks tasks = Tasks.open("sides-" + database, cancellation)) {
            var here = tasks.start("source", () -> read(source, database));
            var there = tasks.start("target", () -> read(target, database));
            tasks.join();
            return compare(database, here.result(), there.result());
        }
    }

    private Contents read(Side side, DatabaseName database) {
        Attempts attempts = new Attempts(side.server());
        while (true) {
            try {
                return readOnce(side, database);
            } catch (UnsettledException moment) {
                attempts.next(moment, tell, cancellation);
            }
        }
    }

    private Contents readOnce(Side side, DatabaseName database) {
        // It locks nothing: clients are at work on both servers, and would wait behind each other.
        try (SnapshotHolder holder = SnapshotHolder.open(side.server(), database)) {
            Inventory inventory = holder.readBriefly("reading what it holds", InventoryReader::read);
            List<TableRows> rows = side.rows().read(database, Optional.of(holder), table -> true, done -> {});
            Optional<LargeObjectSum> largeObjects = level == VerifyLevel.CHECKSUM
                    ? Optional.of(side.largeObjects().read(database, Optional.of(holder.snapshot())))
                    : Optional.empty();
            holder.confirm();
            return new Contents(inventory, rows, largeObjects);
        }
    }

    private Result compare(DatabaseName database, Contents here, Contents there) {
        JudgedComparison inventories = JudgedComparison.of(
                here.inventory(), there.inventory(), source.server(), target.server(), database, cancellation);
        List<Difference> differences = new ArrayList<>();
        Comparison rows = Comparison.of(here.rows(), there.rows(), level);
        StaleViews.Verdict views = level.estimates()
                ? new StaleViews.Verdict(rows.differing(), List.of())
                : new StaleViews(target.server()).judge(database, rows.differing());
        List<String> warnings = new ArrayList<>(inventories.notes());
        warnings.addAll(views.warnings());
        for (Difference found : inventories.differences()) {
            if (found.announced().isPresent()) {
                warnings.add(found.sentence());
            } else {
                differences.add(found);
            }
        }
        for (TableDifference table : views.differing()) {
            if (!table.contents()) {
                // The inventory names tables that are missing.
                continue;
            }
            if (level.estimates()) {
                warnings.add(table.toString());
            } else {
                differences.add(rows(database, table, here.inventory()));
            }
        }
        if (!rows.unknown().isEmpty()) {
            warnings.add(rows.unknown().size()
                    + (level.estimates()
                            ? " tables could not be compared for want of an estimate (ANALYZE makes one): "
                            : " tables could not be compared: ")
                    + String.join(
                            ", ",
                            rows.unknown()
                                    .subList(0, Math.min(SOME, rows.unknown().size())))
                    + (rows.unknown().size() > SOME ? ", ..." : ""));
        }
        differences.addAll(largeObjects(database, here, there));
        return new Result(rows.tables(), rows.rows(), here.inventory().size(), differences, warnings);
    }

    /** One difference for the table, which names rows where their contents were compared. */
    private Difference rows(DatabaseName database, TableDifference table, Inventory source) {
        boolean partitioned = source.of("table")
                .getOrDefault(Names.quoted(table.schema()) + "." + Names.quoted(table.table()), Map.of())
                .containsKey("partition key");
        String count =
                "SELECT count(*) FROM " + (partitioned ? "" : "ONLY ") + Sql.qualified(table.schema(), table.table());
        RowDifferences found = level == VerifyLevel.CHECKSUM
                ? rowFinder.find(database, database, Optional.empty(), table.schema(), table.table())
                : new RowDifferences(List.of(), false, Optional.empty());
        String rows = found.rows().isEmpty()
                ? ""
                : ": " + Names.printed(String.join("; ", found.rows())) + (found.more() ? "; and more" : "");
        return new Difference(
                "table",
                "table " + Names.printed(table.schema(), table.table()),
                "rows",
                table.what() + rows,
                found.query().orElse(count));
    }

    /** Contents only: the inventory names those that are on one side alone. */
    private List<Difference> largeObjects(DatabaseName database, Contents here, Contents there) {
        if (here.largeObjects().equals(there.largeObjects())) {
            return List.of();
        }
        Set<String> onSource = here.inventory().of(LARGE_OBJECT).keySet();
        Set<String> onTarget = there.inventory().of(LARGE_OBJECT).keySet();
        return largeObjectFinder
                .find(database, database, Optional.empty(), oid -> {
                    String name = String.valueOf(oid);
                    return onSource.contains(name) && onTarget.contains(name);
                })
                .stream()
                .map(one -> new Difference(
                        LARGE_OBJECT, LARGE_OBJECT + " " + one.oid(), "contents", one.what(), one.look()))
                .toList();
    }
}
