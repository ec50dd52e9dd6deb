package io.pgconvoy.catalog.objects;

import io.pgconvoy.postgres.ServerVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Where a database keeps expressions and queries as parsed trees, which name what they use by OID. */
public final class StoredTrees {
    /**
     * A column that has trees, or two.
     *
     * @param condition for rows that have one that a user made
     * @param tree its text
     * @param object four columns: the object as people know it by class, OID and part; the relation that has it, or 0
     * @param holder two columns: the row as pg_depend knows it
     */
    public record Kept(String catalog, String condition, String tree, String object, String holder) {
        /** Whether initdb writes nothing into that catalog. */
        public boolean filledByUsers() {
            return Set.of("pg_policy", "pg_partitioned_table", "pg_statistic_ext", "pg_publication_rel")
                    .contains(catalog);
        }

        private String query() {
            return "SELECT " + object + ", " + tree + ", " + holder + " FROM " + catalog + " WHERE " + condition;
        }
    }

    private static final List<Kept> ALWAYS = List.of(
            new Kept(
                    "pg_rewrite",
                    "oid >= 16384",
                    "(ev_action::text || ' ' || coalesce(ev_qual::text, ''))",
                    """
                    CASE WHEN rulename = '_RETURN' THEN 'pg_class'::regclass ELSE 'pg_rewrite'::regclass END::oid,
                    CASE WHEN rulename = '_RETURN' THEN ev_class ELSE oid END, 0, ev_class""",
                    "'pg_rewrite'::regclass, oid"),
            new Kept(
                    "pg_attrdef",
                    "oid >= 16384",
                    "adbin::text",
                    "'pg_class'::regclass, adrelid, adnum, adrelid",
                    "'pg_attrdef'::regclass, oid"),
            of("pg_constraint", "oid >= 16384 AND conbin IS NOT NULL", "conbin::text", "conrelid"),
            new Kept(
                    "pg_index",
                    "indexrelid >= 16384 AND (indexprs IS NOT NULL OR indpred IS NOT NULL)",
                    "(coalesce(indexprs::text, '') || ' ' || coalesce(indpred::text, ''))",
                    "'pg_class'::regclass, indexrelid, 0, indrelid",
                    "'pg_class'::regclass, indexrelid"),
            of(
                    "pg_policy",
                    "true",
                    "(coalesce(polqual::text, '') || ' ' || coalesce(polwithcheck::text, ''))",
                    "polrelid"),
            of("pg_trigger", "tgqual IS NOT NULL", "tgqual::text", "tgrelid"),
            of("pg_proc", "oid >= 16384 AND proargdefaults IS NOT NULL", "proargdefaults::text", "0"),
            of("pg_type", "oid >= 16384 AND typdefaultbin IS NOT NULL", "typdefaultbin::text", "0"));

    private StoredTrees() {}

    /** All of a server of this version. */
    public static List<Kept> kept(ServerVersion version) {
        List<Kept> kept = new ArrayList<>(ALWAYS);
        if (version.isAtLeast(ServerVersion.V10)) {
            kept.add(new Kept(
                    "pg_partitioned_table",
                    "partexprs IS NOT NULL",
                    "partexprs::text",
                    "'pg_class'::regclass, partrelid, 0, partrelid",
                    "'pg_class'::regclass, partrelid"));
        }
        if (version.isAtLeast(ServerVersion.V14)) {
            kept.add(of("pg_proc", "oid >= 16384 AND prosqlbody IS NOT NULL", "prosqlbody::text", "0"));
            kept.add(of("pg_statistic_ext", "stxexprs IS NOT NULL", "stxexprs::text", "stxrelid"));
        }
        if (version.isAtLeast(ServerVersion.V15)) {
            kept.add(of("pg_publication_rel", "prqual IS NOT NULL", "prqual::text", "prrelid"));
        }
        return kept;
    }

    /** A tree of an object that holds it itself. */
    private static Kept of(String catalog, String condition, String tree, String relation) {
        String itself = "'" + catalog + "'::regclass, oid";
        return new Kept(catalog, condition, tree, itself + ", 0, " + relation, itself);
    }

    /**
     * A query for every tree that users made: {@code class, object, sub}, the object as people know it; {@code relation}, the
     * one that has it, or 0; {@code tree}, its text; {@code holder_class, holder}, the catalog row that holds it and that
     * pg_depend knows.
     */
    public static String query(ServerVersion version) {
        return "SELECT NULL::oid AS class, NULL::oid AS object, NULL::integer AS sub, NULL::oid AS relation, NULL::text AS tree,"
                + " NULL::oid AS holder_class, NULL::oid AS holder WHERE false UNION ALL "
                + kept(version).stream().map(Kept::query).collect(Collectors.joining(" UNION ALL "));
    }
}
