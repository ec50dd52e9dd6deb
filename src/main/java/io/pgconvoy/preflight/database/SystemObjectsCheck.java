package io.pgconvoy.preflight.database;

import io.pgconvoy.catalog.objects.SystemObjects;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.DatabaseCheck;
import io.pgconvoy.preflight.Sign;
import io.pgconvoy.preflight.SourceDatabase;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Objects of users in schemas of the server, and what they changed of its own objects: pg_dump leaves both out. */
public final class SystemObjectsCheck extends DatabaseCheck {
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
    private static final List<Sign> SIGNS_OF_CHANGES = List.of(
            built("pg_proc", "proowner <> 10 OR proconfig IS NOT NULL OR proacl IS NULL AND " + Sign.SINCE_INITDB),
            built("pg_class", "relowner <> 10 OR relkind = 'r' AND (relrowsecurity OR reloptions IS NOT NULL)"),
            built("pg_type", "typowner <> 10"),
            built("pg_namespace", "nspowner <> 10 AND nspname <> 'public'"),
            built("pg_operator", "oprowner <> 10 OR " + Sign.SINCE_INITDB),
            built("pg_language", "lanowner <> 10 OR lanpltrusted <> (lanname IN ('sql', 'plpgsql'))"),
            built("pg_ts_config", "cfgowner <> 10"),
            built("pg_ts_dict", "dictowner <> 10 OR " + Sign.SINCE_INITDB),
            built("pg_cast", Sign.SINCE_INITDB),
            built("pg_opclass", Sign.SINCE_INITDB),
            built("pg_rewrite", Sign.SINCE_INITDB),
            // Each of these maps the 19 kinds of words.
            Sign.some(
                    "(SELECT count(*) <> 19 * (SELECT count(*) FROM pg_ts_config WHERE oid < 16384)"
                            + " OR bool_or(" + Sign.SINCE_INITDB
                            + ") FROM pg_ts_config_map WHERE mapcfg < 16384) AS map (changed)",
                    "changed"),
            Sign.some("pg_attribute", "attrelid < 16384 AND attnum > 0 AND attstattarget >= 0"),
            Sign.some("pg_description", "objoid < 16384 AND " + Sign.SINCE_INITDB));

    private Set<String> onTarget;

    public SystemObjectsCheck() {
        super(
                "system-objects",
                "blocker, warning",
                "objects of your own in pg_catalog, information_schema and schemas named `pg_...`, and"
                        + " on the server's own tables and operator families: pg_dump leaves them out, with their"
                        + " rows. Warnings: built-in objects that were changed (functions, views, text search"
                        + " configurations and dictionaries, casts, operators, trusted languages, options and row"
                        + " security of tables), with other owners or comments; privileges on them on a source of"
                        + " 9.5");
    }

    @Override
    public List<Sign> signs(CheckContext context) {
        List<Sign> signs = new ArrayList<>(SIGNS_OF_CHANGES);
        signs.addAll(signsOfOwn(context.source().version()));
        if (!context.source().version().isAtLeast(ServerVersion.V9_6)) {
            signs.add(Sign.ALWAYS);
        }
        return signs;
    }

    @Override
    public List<Finding> run(CheckContext context, SourceDatabase database) {
        List<String> privileges = database.version().isAtLeast(ServerVersion.V9_6)
                ? List.of()
                : database.session().texts(SystemObjects.privilegesBefore96());
        return onSource(
                blocker(
                                "objects of your own are in schemas that belong to the server: pg_dump leaves them out,"
                                        + " with all their rows",
                                "ALTER ... SET SCHEMA, or make them again on the target and pass --ignore-check "
                                        + name() + ".")
                        .at(places(database, made(context, database))),
                warning(
                                "built-in objects were changed on the source, which pg_dump leaves out",
                                "Change them on the target, too, if you need that.")
                        .at(places(
                                database,
                                database.shows(SIGNS_OF_CHANGES)
                                        ? database.session()
                                                .list(
                                                        SystemObjects.changed(),
                                                        row -> row.getString(1) + " (" + row.getString(2) + ")")
                                        : List.of())),
                warning(
                                "privileges on built-in objects were changed, of which a server before 9.6 keeps no"
                                        + " record: they do not arrive",
                                "GRANT and REVOKE them on the target again.")
                        .at(places(database, privileges)));
    }

    private static Sign built(String catalog, String condition) {
        return Sign.some(catalog, "oid < 16384 AND (" + condition + ")");
    }

    /** As {@link SystemObjects#made} says it. */
    private static List<Sign> signsOfOwn(ServerVersion version) {
        List<Sign> signs = new ArrayList<>(List.of(
                ownIn("pg_class", "relnamespace", "relkind IN ('r', 'p', 'v', 'm', 'S', 'f')"),
                ownIn("pg_type", "typnamespace", "(typrelid = 0 OR typnamespace <> 'pg_toast'::regnamespace)"),
                Sign.some("pg_index", "indexrelid >= 16384 AND indrelid < 16384"),
                // All others of the server's have OIDs of initdb's.
                Sign.some(
                        "pg_namespace",
                        "oid >= 16384 AND (nspname ~ '^pg_' AND nspname !~ '^pg_(toast_)?temp_'"
                                + " OR nspname = 'information_schema')"),
                Sign.some("pg_trigger", "tgrelid < 16384"),
                Sign.some("pg_rewrite", "oid >= 16384 AND ev_class < 16384"),
                Sign.filled("pg_policy"),
                Sign.some("pg_constraint", "oid >= 16384 AND conrelid BETWEEN 1 AND 16383")));
        OWN_ANYWHERE.forEach(catalog -> signs.add(Sign.made(catalog)));
        if (version.isAtLeast(ServerVersion.V10)) {
            signs.add(Sign.filled("pg_statistic_ext"));
        }
        return signs;
    }

    private static Sign ownIn(String catalog, String schema, String condition) {
        return Sign.some(
                catalog, "oid >= 16384 AND " + schema + " < 16384 AND " + schema + " <> 2200 AND " + condition);
    }

    private List<String> made(CheckContext context, SourceDatabase database) {
        if (!database.shows(signsOfOwn(database.version()))) {
            return List.of();
        }
        List<String> made = new ArrayList<>(database.session().texts(SystemObjects.made(database.version())));
        if (!made.isEmpty() && onTarget == null) {
            // A managed service has some of its own, on both sides.
            onTarget = new HashSet<>(
                    context.onTarget().texts(SystemObjects.made(context.target().version())));
        }
        if (!made.isEmpty()) {
            made.removeAll(onTarget);
        }
        return made;
    }

    private static List<Place> places(SourceDatabase database, List<String> objects) {
        return objects.stream().sorted().map(object -> database.place(object)).toList();
    }
}
