package io.pgconvoy.catalog.objects;

import io.pgconvoy.postgres.ServerVersion;
import java.util.ArrayList;
import java.util.List;

/**
 * What is in one of the catalogs wherever {@link SystemObjects} would find something. To look for that costs the server less
 * than half.
 */
public final class SystemObjectTraces {
    /** What the conditions may refer to, for a WITH clause: how old what initdb wrote is at least. */
    public static final String INITDB = "initdb AS (SELECT max(age(xmin)) AS age FROM pg_database)";

    /** Condition for what was written since, in a catalog in which it is a row of initdb's. */
    public static final String SINCE_INITDB = "age(xmin) >= 0 AND age(xmin) < (SELECT age FROM initdb)";

    /** Catalogs whose objects few databases have any of. */
    private static final List<String> OWN_ANYWHERE = List.of(
            "pg_proc",
            "pg_operator",
            "pg_opclass",
            "pg_opfamily",
            "pg_conversion",
            "pg_ts_config",
            "pg_ts_dict",
            "pg_ts_parser",
            "pg_ts_template",
            "pg_collation",
            "pg_amop",
            "pg_amproc");

    /** As {@link SystemObjects#changed} says it, catalog by catalog. */
    public static final List<Trace> CHANGED = List.of(
            built("pg_proc", "proowner <> 10 OR proconfig IS NOT NULL OR proacl IS NULL AND " + SINCE_INITDB),
            built("pg_class", "relowner <> 10 OR relkind = 'r' AND (relrowsecurity OR reloptions IS NOT NULL)"),
            built("pg_type", "typowner <> 10"),
            built("pg_namespace", "nspowner <> 10 AND nspname <> 'public'"),
            built("pg_operator", "oprowner <> 10 OR " + SINCE_INITDB),
            built("pg_language", "lanowner <> 10 OR lanpltrusted <> (lanname IN ('sql', 'plpgsql'))"),
            built("pg_ts_config", "cfgowner <> 10"),
            built("pg_ts_dict", "dictowner <> 10 OR " + SINCE_INITDB),
            built("pg_cast", SINCE_INITDB),
            built("pg_opclass", SINCE_INITDB),
            built("pg_rewrite", SINCE_INITDB),
            // Each of these maps the 19 kinds of words.
            new Trace(
                    "(SELECT count(*) <> 19 * (SELECT count(*) FROM pg_ts_config WHERE oid < 16384)"
                            + " OR bool_or(" + SINCE_INITDB
                            + ") FROM pg_ts_config_map WHERE mapcfg < 16384) AS map (changed)",
                    "changed"),
            new Trace("pg_attribute", "attrelid < 16384 AND attnum > 0 AND attstattarget >= 0"),
            new Trace("pg_description", "objoid < 16384 AND " + SINCE_INITDB));

    private SystemObjectTraces() {}

    /**
     * Rows of a catalog.
     *
     * @param from the catalog, or what is asked instead
     * @param condition for one of its rows; empty where it is enough that its file is not empty
     */
    public record Trace(String from, String condition) {}

    private static Trace built(String catalog, String condition) {
        return new Trace(catalog, "oid < 16384 AND (" + condition + ")");
    }

    /** As {@link SystemObjects#made} says it. */
    public static List<Trace> made(ServerVersion version) {
        List<Trace> traces = new ArrayList<>(List.of(
                ownIn("pg_class", "relnamespace", "relkind IN ('r', 'p', 'v', 'm', 'S', 'f')"),
                ownIn("pg_type", "typnamespace", "(typrelid = 0 OR typnamespace <> 'pg_toast'::regnamespace)"),
                new Trace("pg_index", "indexrelid >= 16384 AND indrelid < 16384"),
                // All others of the server's have OIDs of initdb's.
                new Trace(
                        "pg_namespace",
                        "oid >= 16384 AND (nspname ~ '^pg_' AND nspname !~ '^pg_(toast_)?temp_'"
                                + " OR nspname = 'information_schema')"),
                new Trace("pg_trigger", "tgrelid < 16384"),
                new Trace("pg_rewrite", "oid >= 16384 AND ev_class < 16384"),
                new Trace("pg_policy", ""),
                new Trace("pg_constraint", "oid >= 16384 AND conrelid BETWEEN 1 AND 16383")));
        OWN_ANYWHERE.forEach(catalog -> traces.add(new Trace(catalog, "oid >= 16384")));
        if (version.isAtLeast(ServerVersion.V10)) {
            traces.add(new Trace("pg_statistic_ext", ""));
        }
        return traces;
    }

    private static Trace ownIn(String catalog, String schema, String condition) {
        return new Trace(
                catalog, "oid >= 16384 AND " + schema + " < 16384 AND " + schema + " <> 2200 AND " + condition);
    }
}
