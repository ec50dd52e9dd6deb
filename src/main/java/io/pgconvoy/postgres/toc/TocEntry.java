package io.pgconvoy.postgres.toc;

/**
 * One line of an archive's table of contents.
 *
 * @param dumpId the entry's number in the archive
 * @param catalogOid the OID of the catalog that describes the object (1259 for pg_class), or 0
 * @param objectOid the object's OID on the source, or 0
 * @param label kind, schema, name and owner as pg_restore prints them, for people
 */
public record TocEntry(int dumpId, long catalogOid, long objectOid, String label) {
    /** pg_class's OID, the same everywhere. */
    public static final long RELATION = 1259;

    /** pg_constraint's OID, the same everywhere. */
    public static final long CONSTRAINT = 2606;

    /** pg_statistic_ext's OID, the same everywhere. */
    public static final long STATISTICS = 3381;

    /** The catalog that entries of data name, and those of row security. */
    public static final long NO_CATALOG = 0;

    /** Whether it is the data of a table. */
    public boolean isTableData() {
        return label.startsWith("TABLE DATA ");
    }

    /** Whether it grants and revokes. */
    public boolean isPrivilege() {
        return label.startsWith("ACL ");
    }

    /** Whether it fills a materialized view. */
    public boolean isMaterializedViewData() {
        return label.startsWith("MATERIALIZED VIEW DATA ");
    }

    /** Whether it is an event trigger, or says something about one. */
    public boolean isEventTrigger() {
        return label.startsWith("EVENT TRIGGER ")
                || label.startsWith("COMMENT - EVENT TRIGGER ")
                || label.startsWith("SECURITY LABEL - EVENT TRIGGER ");
    }
}
