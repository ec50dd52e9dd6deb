package io.pgconvoy.transfer;

/** Questions about what surrounds tables, answered alike by servers of all versions where all is alike. */
final class Objects {
    static final String INDEXES = """
            SELECT concat_ws('|', n.nspname, t.relname, c.relname, regexp_replace(pg_get_indexdef(c.oid), ' ONLY ', ' '),
                             x.indisvalid, x.indisclustered, x.indisreplident, x.indisunique,
                             obj_description(c.oid, 'pg_class'))
              FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
              JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE n.nspname !~ '^pg_' ORDER BY 1
            """;

    static final String INHERITED_INDEXES = """
            SELECT i.inhrelid::regclass || ' of ' || i.inhparent::regclass
              FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid AND c.relkind IN ('i', 'I') ORDER BY 1
            """;

    static final String STATISTICS_TARGETS = """
            SELECT concat_ws('|', a.attrelid::regclass, a.attnum, a.attstattarget)
              FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid AND c.relkind = 'i'
             WHERE a.attstattarget > 0 ORDER BY 1
            """;

    /** NOT NULL has been a constraint only since 18. */
    static final String CONSTRAINTS = """
            SELECT concat_ws('|', k.conrelid::regclass, k.contypid::regtype, k.conname, k.contype, k.convalidated,
                             pg_get_constraintdef(k.oid), obj_description(k.oid, 'pg_constraint'))
              FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace
             WHERE n.nspname !~ '^(pg_|information_schema)' AND k.contype <> 'n' AND %s ORDER BY 1
            """;

    static final String POPULATED = """
            SELECT oid::regclass || ' ' || relispopulated FROM pg_class WHERE relkind = 'm' ORDER BY 1
            """;

    private Objects() {}

    /** Constraints; copies that a server makes for partitions differ from version to version. */
    static String constraints(boolean partitions) {
        return CONSTRAINTS.formatted(partitions ? "k.conparentid = 0" : "true");
    }
}
