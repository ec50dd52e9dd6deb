package io.pgconvoy.catalog.objects;

import io.pgconvoy.postgres.ServerVersion;
import java.util.ArrayList;
import java.util.List;

/** Where a database keeps expressions and queries as parsed trees, which name what they use by OID. */
public final class StoredTrees {
    private StoredTrees() {}

    /**
     * A query for every tree that users made: {@code class, object, sub}, the object as people know it; {@code relation}, the
     * one that has it, or 0; {@code tree}, its text; {@code holder_class, holder}, the catalog row that holds it and that
     * pg_depend knows.
     */
    public static String query(ServerVersion version) {
        List<String> trees = new ArrayList<>(List.of("""
                SELECT CASE WHEN r.rulename = '_RETURN' THEN 'pg_class'::regclass ELSE 'pg_rewrite'::regclass END::oid,
                       CASE WHEN r.rulename = '_RETURN' THEN r.ev_class ELSE r.oid END, 0, r.ev_class,
                       r.ev_action::text || ' ' || coalesce(r.ev_qual::text, ''), 'pg_rewrite'::regclass, r.oid
                  FROM pg_rewrite r WHERE r.oid >= 16384""", """
                SELECT 'pg_class'::regclass, adrelid, adnum, adrelid, adbin::text, 'pg_attrdef'::regclass, oid
                  FROM pg_attrdef WHERE oid >= 16384""", """
                SELECT 'pg_constraint'::regclass, oid, 0, conrelid, conbin::text, 'pg_constraint'::regclass, oid
                  FROM pg_constraint WHERE oid >= 16384 AND conbin IS NOT NULL""", """
                SELECT 'pg_class'::regclass, indexrelid, 0, indrelid,
                       coalesce(indexprs::text, '') || ' ' || coalesce(indpred::text, ''), 'pg_class'::regclass, indexrelid
                  FROM pg_index WHERE indexrelid >= 16384 AND (indexprs IS NOT NULL OR indpred IS NOT NULL)""", """
                SELECT 'pg_policy'::regclass, oid, 0, polrelid,
                       coalesce(polqual::text, '') || ' ' || coalesce(polwithcheck::text, ''), 'pg_policy'::regclass, oid
                  FROM pg_policy""", """
                SELECT 'pg_trigger'::regclass, oid, 0, tgrelid, tgqual::text, 'pg_trigger'::regclass, oid
                  FROM pg_trigger WHERE tgqual IS NOT NULL""", """
                SELECT 'pg_proc'::regclass, oid, 0, 0, proargdefaults::text, 'pg_proc'::regclass, oid
                  FROM pg_proc WHERE oid >= 16384 AND proargdefaults IS NOT NULL""", """
                SELECT 'pg_type'::regclass, oid, 0, 0, typdefaultbin::text, 'pg_type'::regclass, oid
                  FROM pg_type WHERE oid >= 16384 AND typdefaultbin IS NOT NULL"""));
        if (version.isAtLeast(ServerVersion.V10)) {
            trees.add("""
                    SELECT 'pg_class'::regclass, partrelid, 0, partrelid, partexprs::text, 'pg_class'::regclass, partrelid
                      FROM pg_partitioned_table WHERE partexprs IS NOT NULL""");
        }
        if (version.isAtLeast(ServerVersion.V14)) {
            trees.add("""
                    SELECT 'pg_proc'::regclass, oid, 0, 0, prosqlbody::text, 'pg_proc'::regclass, oid
                      FROM pg_proc WHERE oid >= 16384 AND prosqlbody IS NOT NULL""");
            trees.add("""
                    SELECT 'pg_statistic_ext'::regclass, oid, 0, stxrelid, stxexprs::text, 'pg_statistic_ext'::regclass, oid
                      FROM pg_statistic_ext WHERE stxexprs IS NOT NULL""");
        }
        if (version.isAtLeast(ServerVersion.V15)) {
            trees.add("""
                    SELECT 'pg_publication_rel'::regclass, oid, 0, prrelid, prqual::text, 'pg_publication_rel'::regclass, oid
                      FROM pg_publication_rel WHERE prqual IS NOT NULL""");
        }
        return "SELECT NULL::oid AS class, NULL::oid AS object, NULL::integer AS sub, NULL::oid AS relation, NULL::text AS tree,"
                + " NULL::oid AS holder_class, NULL::oid AS holder WHERE false UNION ALL "
                + String.join(" UNION ALL ", trees);
    }
}
