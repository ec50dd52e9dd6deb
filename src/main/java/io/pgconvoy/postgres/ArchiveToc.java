package io.pgconvoy.postgres;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** An archive's table of contents, as {@code pg_restore --list} prints it. Immutable. */
public final class ArchiveToc {
    private static final Pattern LINE = Pattern.compile("(\\d+); (\\d+) (\\d+) (.*)");

    private final Map<Integer, TocEntry> entries;

    private ArchiveToc(Map<Integer, TocEntry> entries) {
        this.entries = entries;
    }

    /** Reads the list; comment lines begin with a semicolon. */
    public static ArchiveToc parse(List<String> lines) {
        List<TocEntry> entries = new ArrayList<>();
        for (String line : lines) {
            Matcher matcher = LINE.matcher(line);
            if (matcher.matches()) {
                entries.add(new TocEntry(
                        Integer.parseInt(matcher.group(1)),
                        Long.parseLong(matcher.group(2)),
                        Long.parseLong(matcher.group(3)),
                        matcher.group(4)));
            }
        }
        return new ArchiveToc(entries.stream()
                .collect(Collectors.toMap(
                        TocEntry::dumpId, Function.identity(), (same, again) -> again, LinkedHashMap::new)));
    }

    public Optional<TocEntry> entry(int dumpId) {
        return Optional.ofNullable(entries.get(dumpId));
    }

    /** Those of the entries that are among the given ones, in the archive's order. */
    List<TocEntry> inOrder(Collection<TocEntry> some) {
        return entries.values().stream().filter(some::contains).toList();
    }

    /** How many tables' data the archive holds. */
    public long tableDataEntries() {
        return entries.values().stream().filter(TocEntry::isTableData).count();
    }
}
