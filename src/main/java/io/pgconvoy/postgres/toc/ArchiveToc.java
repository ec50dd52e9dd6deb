package io.pgconvoy.postgres.toc;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** An archive's table of contents, as {@code pg_restore --list --verbose} prints it. Immutable. */
public final class ArchiveToc {
    private static final Pattern LINE = Pattern.compile("(\\d+); (\\d+) (\\d+) (.*)");

    /** Only a verbose list has these lines; each belongs to the entry above it. */
    private static final Pattern DEPENDENCIES = Pattern.compile(";\\s+depends on:((?: \\d+)+)\\s*");

    private final Map<Integer, TocEntry> entries;

    private final Map<ObjectId, List<TocEntry>> byObject;

    /** By an entry's number the entries that need it. */
    private final Map<Integer, List<TocEntry>> dependents;

    private ArchiveToc(Map<Integer, TocEntry> entries, Map<Integer, List<TocEntry>> dependents) {
        this.entries = entries;
        this.byObject = entries.values().stream().collect(Collectors.groupingBy(ObjectId::of));
        this.dependents = dependents;
    }

    private record ObjectId(long catalogOid, long oid) {
        static ObjectId of(TocEntry entry) {
            return new ObjectId(entry.catalogOid(), entry.objectOid());
        }
    }

    /** Reads the list; all lines but the entries' own begin with a semicolon. */
    public static ArchiveToc parse(List<String> lines) {
        Map<Integer, TocEntry> entries = new LinkedHashMap<>();
        Map<Integer, List<TocEntry>> dependents = new HashMap<>();
        TocEntry last = null;
        for (String line : lines) {
            Matcher matcher = LINE.matcher(line);
            if (matcher.matches()) {
                last = new TocEntry(
                        Integer.parseInt(matcher.group(1)),
                        Long.parseLong(matcher.group(2)),
                        Long.parseLong(matcher.group(3)),
                        matcher.group(4));
                entries.put(last.dumpId(), last);
                continue;
            }
            matcher = DEPENDENCIES.matcher(line);
            if (last != null && matcher.matches()) {
                for (String needed : matcher.group(1).strip().split(" ", -1)) {
                    dependents
                            .computeIfAbsent(Integer.parseInt(needed), none -> new ArrayList<>())
                            .add(last);
                }
            }
        }
        return new ArchiveToc(entries, dependents);
    }

    /** All entries in the archive's order. */
    public List<TocEntry> entries() {
        return List.copyOf(entries.values());
    }

    /**
     * The entries of one object, in the archive's order.
     *
     * @param catalogOid the catalog's OID, such as {@link TocEntry#RELATION}; {@link TocEntry#NO_CATALOG} for a table's or a
     *     materialized view's data
     * @param objectOid the object's OID on the source
     */
    public List<TocEntry> find(long catalogOid, long objectOid) {
        return byObject.getOrDefault(new ObjectId(catalogOid, objectOid), List.of());
    }

    /**
     * Everything that needs one of these entries, directly or by way of others; an entry of theirs is among it only if
     * it needs another of them.
     */
    public Set<TocEntry> dependents(Collection<TocEntry> some) {
        Set<TocEntry> found = new HashSet<>();
        Deque<TocEntry> open = new ArrayDeque<>(some);
        while (!open.isEmpty()) {
            for (TocEntry dependent : dependents.getOrDefault(open.pop().dumpId(), List.of())) {
                if (found.add(dependent)) {
                    open.push(dependent);
                }
            }
        }
        return found;
    }

    public Optional<TocEntry> entry(int dumpId) {
        return Optional.ofNullable(entries.get(dumpId));
    }

    /** Those of the entries that are among the given ones, in the archive's order. */
    public List<TocEntry> inOrder(Collection<TocEntry> some) {
        return entries.values().stream().filter(some::contains).toList();
    }

    /** How many tables' data the archive holds. */
    public long tableDataEntries() {
        return entries.values().stream().filter(TocEntry::isTableData).count();
    }
}
