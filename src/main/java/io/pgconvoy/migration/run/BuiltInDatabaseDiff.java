package io.pgconvoy.migration.run;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.catalog.LocaleProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What stays the target's own where its {@code postgres} or {@code template1} is filled rather than made anew. */
public final class BuiltInDatabaseDiff {
    private BuiltInDatabaseDiff() {}

    /** What differs and cannot be changed, and what that means; each one sentence. */
    static List<String> differences(DatabaseProperties source, DatabaseProperties target) {
        List<String> differences = new ArrayList<>();
        if (!source.encoding().equals(target.encoding())) {
            differences.add("keeps the target's encoding " + target.encoding() + ", the source's is "
                    + source.encoding() + ": a text that " + target.encoding()
                    + " cannot hold fails its table's restore");
        }
        if (!locale(source).equals(locale(target))) {
            differences.add("keeps the target's locale " + locale(target) + ", the source's is " + locale(source)
                    + ": texts may sort and compare otherwise");
        }
        if (!source.tablespace().equals(target.tablespace())) {
            differences.add("stays in the target's tablespace " + target.tablespace() + ", the source's is "
                    + source.tablespace());
        }
        if (!source.owner().equals(target.owner())) {
            differences.add("still belongs to " + target.owner() + ", on the source to " + source.owner());
        }
        return differences;
    }

    private static String locale(DatabaseProperties database) {
        String own = database.locale().map(locale -> " " + locale).orElse("")
                + database.icuRules().map(rules -> " with rules " + rules).orElse("");
        String libc = database.collate().equals(database.ctype())
                ? database.collate()
                : database.collate() + " with ctype " + database.ctype();
        return database.localeProvider() == LocaleProvider.LIBC
                ? libc
                : libc + " and " + database.localeProvider().name().toLowerCase(Locale.ROOT) + own;
    }
}
