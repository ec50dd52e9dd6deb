package io.pgconvoy.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Collects the SQL that fills one database, for a server's version and at a scale. In the SQL, {@code ROWS(1000)} stands
 * for so many rows at scale 1. Not thread-safe.
 */
final class Script {
    static final int V9_6 = 90600;
    static final int V10 = 100000;
    static final int V11 = 110000;
    static final int V12 = 120000;
    static final int V13 = 130000;
    static final int V14 = 140000;
    static final int V15 = 150000;
    static final int V16 = 160000;
    static final int V17 = 170000;
    static final int V18 = 180000;

    private static final Pattern ROWS = Pattern.compile("ROWS\\((\\d+)\\)");

    private final int version;
    private final double scale;
    private final List<String> statements = new ArrayList<>();

    /**
     * @param version as in server_version_num
     * @param scale 1 for the usual size, 10 for ten times as many rows
     */
    Script(int version, double scale) {
        this.version = version;
        this.scale = scale;
    }

    Script add(String sql) {
        statements.add(ROWS.matcher(sql)
                .replaceAll(match -> Long.toString(Math.max(1, Math.round(Long.parseLong(match.group(1)) * scale)))));
        return this;
    }

    /** Adds SQL that servers know from this version on. */
    Script since(int first, String sql) {
        return version >= first ? add(sql) : this;
    }

    /** Adds SQL that servers know only before this version. */
    Script before(int end, String sql) {
        return version < end ? add(sql) : this;
    }

    /** Adds SQL that servers know from the first of these versions on, but not from the second. */
    Script between(int first, int end, String sql) {
        return version < end ? since(first, sql) : this;
    }

    List<String> statements() {
        return List.copyOf(statements);
    }
}
