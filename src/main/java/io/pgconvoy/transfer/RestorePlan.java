package io.pgconvoy.transfer;

import io.pgconvoy.journal.DeferralMarkers.Deferred;
import io.pgconvoy.journal.DeferralMarkers.DeferredConstraint;
import io.pgconvoy.journal.DeferralMarkers.DeferredForeignKey;
import io.pgconvoy.journal.DeferralMarkers.DeferredIndex;
import io.pgconvoy.journal.DeferralMarkers.DeferredTable;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Sql;
import io.pgconvoy.postgres.toc.ArchiveToc;
import io.pgconvoy.postgres.toc.TocEntry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Which entries of an archive with deferred tables are restored when. Each entry is in exactly one of the lists, which
 * are in the archive's order, but for the indexes: largest first. Immutable.
 *
 * @param regular what is restored first
 * @param replaced what is never restored: foreign keys that are added NOT VALID instead, data that is loaded in parts
 * @param foreignKeysNotValid the keys to add in the regular phase, after everything else
 * @param foreignKeyDependents what needs these: their comments
 * @param constraints to restore after the load
 * @param constraintDependents what needs these
 * @param indexes to build after the load
 * @param afterIndexes what needs these: attachments to the indexes of partitioned tables, comments
 * @param foreignKeysAfter keys that cannot be NOT VALID, or that need one of the indexes; to restore after those
 * @param foreignKeyAfterDependents what needs these
 * @param materializedViewData to restore at the very end, and what needs it
 */
public record RestorePlan(
        List<TocEntry> regular,
        List<TocEntry> replaced,
        List<DeferredForeignKey> foreignKeysNotValid,
        List<TocEntry> foreignKeyDependents,
        List<ConstraintEntry> constraints,
        List<TocEntry> constraintDependents,
        List<IndexEntry> indexes,
        List<TocEntry> afterIndexes,
        List<ForeignKeyEntry> foreignKeysAfter,
        List<TocEntry> foreignKeyAfterDependents,
        List<TocEntry> materializedViewData) {
    /**
     * An index and the entry that builds it.
     *
     * @param table the qualified name of the index's table
     */
    public record IndexEntry(DeferredIndex index, String table, TocEntry entry) {}

    /** A foreign key and the entry that adds it. */
    public record ForeignKeyEntry(DeferredForeignKey key, TocEntry entry) {}

    /** A constraint and the entry that adds it. */
    public record ConstraintEntry(DeferredConstraint constraint, TocEntry entry) {}

    /** When an entry's time comes. */
    private enum Time {
        REGULAR,
        NEVER,
        FOREIGN_KEY_DEPENDENT,
        CONSTRAINT,
        CONSTRAINT_DEPENDENT,
        INDEX,
        INDEX_DEPENDENT,
        FOREIGN_KEY_AFTER,
        FOREIGN_KEY_AFTER_DEPENDENT,
        MATERIALIZED_VIEW_DATA
    }

    public RestorePlan {
        regular = List.copyOf(regular);
        replaced = List.copyOf(replaced);
        foreignKeysNotValid = List.copyOf(foreignKeysNotValid);
        foreignKeyDependents = List.copyOf(foreignKeyDependents);
        constraints = List.copyOf(constraints);
        constraintDependents = List.copyOf(constraintDependents);
        indexes = List.copyOf(indexes);
        afterIndexes = List.copyOf(afterIndexes);
        foreignKeysAfter = List.copyOf(foreignKeysAfter);
        foreignKeyAfterDependents = List.copyOf(foreignKeyAfterDependents);
        materializedViewData = List.copyOf(materializedViewData);
    }

    /**
     * Makes the plan. What the archive does not hold, since an extension makes it itself, say, is not in the plan.
     *
     * @param target its version decides which keys can be NOT VALID
     */
    public static RestorePlan of(ArchiveToc toc, Deferred deferred, ServerVersion target) {
        Map<Long, String> tables = new HashMap<>();
        deferred.tables().forEach(table -> tables.put(table.oid(), Sql.qualified(table.schema(), table.name())));
        List<IndexEntry> indexes = new ArrayList<>();
        for (DeferredIndex index : deferred.indexes()) {
            find(toc, TocEntry.RELATION, index.oid())
                    .ifPresent(entry ->
                            indexes.add(new IndexEntry(index, tables.getOrDefault(index.tableOid(), ""), entry)));
        }
        List<ConstraintEntry> constraints = new ArrayList<>();
        for (DeferredConstraint constraint : deferred.constraints()) {
            find(toc, TocEntry.CONSTRAINT, constraint.oid())
                    .ifPresent(entry -> constraints.add(new ConstraintEntry(constraint, entry)));
        }
        List<TocEntry> indexEntries = indexes.stream().map(IndexEntry::entry).toList();
        Collection<TocEntry> needIndexes = toc.dependents(indexEntries);
        List<ForeignKeyEntry> notValid = new ArrayList<>();
        List<ForeignKeyEntry> after = new ArrayList<>();
        for (DeferredForeignKey key : deferred.foreignKeys()) {
            find(toc, TocEntry.CONSTRAINT, key.oid()).ifPresent(entry -> {
                boolean canBeNotValid = !key.partitioned() || target.isAtLeast(ServerVersion.V18);
                (canBeNotValid && !needIndexes.contains(entry) ? notValid : after).add(new ForeignKeyEntry(key, entry));
            });
        }
        List<TocEntry> views = deferred.materializedViews().stream()
                .flatMap(oid -> data(toc, oid).stream())
                .toList();

        List<TocEntry> notValidEntries =
                notValid.stream().map(ForeignKeyEntry::entry).toList();
        List<TocEntry> afterEntries = after.stream().map(ForeignKeyEntry::entry).toList();
        List<TocEntry> constraintEntries =
                constraints.stream().map(ConstraintEntry::entry).toList();
        Map<TocEntry, Time> times = new HashMap<>();
        // What needs several things has to wait for the last of them; what has a time of its own keeps that.
        put(times, toc.dependents(notValidEntries), Time.FOREIGN_KEY_DEPENDENT);
        put(times, toc.dependents(constraintEntries), Time.CONSTRAINT_DEPENDENT);
        put(times, needIndexes, Time.INDEX_DEPENDENT);
        put(times, toc.dependents(afterEntries), Time.FOREIGN_KEY_AFTER_DEPENDENT);
        put(times, toc.dependents(views), Time.MATERIALIZED_VIEW_DATA);
        put(times, notValidEntries, Time.NEVER);
        put(times, constraintEntries, Time.CONSTRAINT);
        put(times, indexEntries, Time.INDEX);
        put(times, afterEntries, Time.FOREIGN_KEY_AFTER);
        put(times, views, Time.MATERIALIZED_VIEW_DATA);
        for (DeferredTable table : deferred.tables()) {
            data(toc, table.oid()).ifPresent(entry -> times.put(entry, Time.NEVER));
        }

        Map<Time, List<TocEntry>> lists = new EnumMap<>(Time.class);
        for (Time time : Time.values()) {
            lists.put(time, new ArrayList<>());
        }
        toc.entries()
                .forEach(entry ->
                        lists.get(times.getOrDefault(entry, Time.REGULAR)).add(entry));
        return new RestorePlan(
                lists.get(Time.REGULAR),
                lists.get(Time.NEVER),
                notValid.stream().map(ForeignKeyEntry::key).toList(),
                lists.get(Time.FOREIGN_KEY_DEPENDENT),
                inOrder(constraints, ConstraintEntry::entry, lists.get(Time.CONSTRAINT)),
                lists.get(Time.CONSTRAINT_DEPENDENT),
                indexes,
                lists.get(Time.INDEX_DEPENDENT),
                inOrder(after, ForeignKeyEntry::entry, lists.get(Time.FOREIGN_KEY_AFTER)),
                lists.get(Time.FOREIGN_KEY_AFTER_DEPENDENT),
                lists.get(Time.MATERIALIZED_VIEW_DATA));
    }

    private static <T> List<T> inOrder(List<T> some, Function<T, TocEntry> entry, List<TocEntry> order) {
        Map<TocEntry, T> byEntry = new HashMap<>();
        some.forEach(one -> byEntry.put(entry.apply(one), one));
        return order.stream().map(byEntry::get).toList();
    }

    /** The same, with the indexes of some tables alone, and nothing that may need another one. */
    public RestorePlan withIndexesOf(Set<Long> tableOids) {
        return new RestorePlan(
                regular,
                replaced,
                foreignKeysNotValid,
                foreignKeyDependents,
                constraints,
                constraintDependents,
                indexes.stream()
                        .filter(one -> tableOids.contains(one.index().tableOid()))
                        .toList(),
                List.of(),
                foreignKeysAfter,
                foreignKeyAfterDependents,
                materializedViewData);
    }

    private static Optional<TocEntry> find(ArchiveToc toc, long catalog, long oid) {
        return toc.find(catalog, oid).stream().findFirst();
    }

    /** Of a table or materialized view, whose OID the entry of its row security has as well. */
    private static Optional<TocEntry> data(ArchiveToc toc, long oid) {
        return toc.find(TocEntry.NO_CATALOG, oid).stream()
                .filter(entry -> entry.isTableData() || entry.isMaterializedViewData())
                .findFirst();
    }

    private static void put(Map<TocEntry, Time> times, Collection<TocEntry> entries, Time time) {
        entries.forEach(entry -> times.put(entry, time));
    }
}
