package io.pgconvoy.verify.inventory;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * In which order a table has its columns once it is restored. An inheritance child may have got a column of its own before
 * its parent got one; made anew, it has its parents' columns first.
 */
final class ColumnOrders {
    private static final String COLUMN = "column";
    private static final List<String> INHERITING = List.of("table", "foreign table");

    private final Inventory source;
    private final Inventory target;
    private final Map<String, Map<String, List<String>>> ours = new HashMap<>();
    private final Map<String, Map<String, List<String>>> theirs = new HashMap<>();

    ColumnOrders(Inventory source, Inventory target) {
        this.source = source;
        this.target = target;
    }

    /**
     * Whether the target's order is the one that a restore of the source's table gives, or the two sides have not the same
     * columns, which is another difference.
     */
    boolean isAsRestored(String kind, String table) {
        List<String> here = onSource(kind, table);
        List<String> there =
                theirs.computeIfAbsent(kind, key -> byTable(target, key)).getOrDefault(table, List.of());
        return !Set.copyOf(here).equals(Set.copyOf(there))
                || (kind.equals(COLUMN) && there.equals(restored(table, new LinkedHashSet<>())));
    }

    /** The columns of the parents in their order, then its own. */
    private List<String> restored(String table, Set<String> descendants) {
        Set<String> order = new LinkedHashSet<>();
        if (descendants.add(table)) {
            for (String parent : parents(table)) {
                order.addAll(restored(parent, new LinkedHashSet<>(descendants)));
            }
        }
        order.addAll(onSource(COLUMN, table));
        return new ArrayList<>(order);
    }

    private List<String> parents(String table) {
        for (String kind : INHERITING) {
            Map<String, String> attributes = source.of(kind).get(table);
            // A partition is made with its own columns, and attached.
            if (attributes != null
                    && attributes.containsKey(InventoryReader.INHERITS)
                    && !attributes.containsKey("partition bound")) {
                return Names.split(attributes.get(InventoryReader.INHERITS), ", ");
            }
        }
        return List.of();
    }

    private List<String> onSource(String kind, String table) {
        return ours.computeIfAbsent(kind, key -> byTable(source, key)).getOrDefault(table, List.of());
    }

    /** The columns of each table, in their order. */
    private static Map<String, List<String>> byTable(Inventory inventory, String kind) {
        Map<String, List<Map.Entry<String, String>>> positions = new HashMap<>();
        inventory
                .of(kind)
                .forEach((name, attributes) -> PsqlHint.parent(kind, name)
                        .ifPresent(table -> positions
                                .computeIfAbsent(table, key -> new ArrayList<>())
                                .add(Map.entry(
                                        name.substring(0, name.length() - table.length()),
                                        attributes.getOrDefault("position", "0")))));
        Map<String, List<String>> ordered = new HashMap<>();
        positions.forEach((table, entries) -> ordered.put(
                table,
                entries.stream()
                        .sorted(Comparator.comparingInt(entry -> Integer.parseInt(entry.getValue())))
                        .map(Map.Entry::getKey)
                        .toList()));
        return ordered;
    }
}
