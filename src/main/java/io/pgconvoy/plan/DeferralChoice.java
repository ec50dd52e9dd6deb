package io.pgconvoy.plan;

import io.pgconvoy.catalog.DeferrableTable;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.Deferral;
import io.pgconvoy.config.TablePattern;
import java.util.List;

/**
 * Which tables of one database are deferred.
 *
 * @param tables in the order in which they were listed
 * @param unmatched patterns of this database that match no table and no partitioned table
 */
public record DeferralChoice(List<DeferrableTable> tables, List<TablePattern> unmatched) {
    public DeferralChoice {
        tables = List.copyOf(tables);
        unmatched = List.copyOf(unmatched);
    }

    /** Chooses by name and by size; a partitioned table's name stands for all of its leaf partitions. */
    public static DeferralChoice of(Deferral deferral, DatabaseName database, List<DeferrableTable> tables) {
        List<TablePattern> patterns = deferral.patterns().stream()
                .filter(pattern -> pattern.database().equals(database))
                .toList();
        List<DeferrableTable> chosen = tables.stream()
                .filter(table -> patterns.stream().anyMatch(pattern -> matches(pattern, table))
                        || deferral.largerThan()
                                .filter(size -> table.bytes() > size.bytes())
                                .isPresent())
                .toList();
        List<TablePattern> unmatched = patterns.stream()
                .filter(pattern -> tables.stream().noneMatch(table -> matches(pattern, table)))
                .distinct()
                .toList();
        return new DeferralChoice(chosen, unmatched);
    }

    private static boolean matches(TablePattern pattern, DeferrableTable table) {
        return pattern.matches(table.schema(), table.name())
                || table.ancestors().stream().anyMatch(ancestor -> pattern.matches(ancestor.schema(), ancestor.name()));
    }
}
