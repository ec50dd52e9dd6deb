package io.pgconvoy.verify.inventory;

import static io.pgconvoy.verify.inventory.CatalogSql.USER_SCHEMA;
import static io.pgconvoy.verify.inventory.CatalogSql.name;
import static io.pgconvoy.verify.inventory.CatalogSql.notOfExtension;
import static io.pgconvoy.verify.inventory.CatalogSql.qualified;
import static io.pgconvoy.verify.inventory.CatalogSql.types;

import io.pgconvoy.postgres.ServerVersion;
import java.util.ArrayList;
import java.util.List;

/**
 * Which operators an object's expressions use, of those that are not built in: a text such as {@code NULLIF(a, b)} reads the
 * same whichever operator it stands for, and pg_depend tells them apart. Servers of all versions record the same.
 */
final class OperatorQueries {
    /** The attribute that lists them. */
    static final String OPERATORS = "operators used";

    private OperatorQueries() {}

    static CatalogQuery of(ServerVersion version) {
        return CatalogQuery.all("""
                WITH uses AS (
                    SELECT d.classid, d.objid, d.objsubid, %s || '.' || o.oprname || '('
                               || CASE WHEN o.oprleft = 0 THEN 'NONE' ELSE format_type(o.oprleft, NULL) END || ', '
                               || CASE WHEN o.oprright = 0 THEN 'NONE' ELSE format_type(o.oprright, NULL) END || ')' AS operator
                      FROM pg_depend AS d
                      JOIN pg_operator AS o ON o.oid = d.refobjid JOIN pg_namespace AS m ON m.oid = o.oprnamespace
                     WHERE d.refclassid = 'pg_catalog.pg_operator'::regclass AND d.deptype IN ('n', 'a')
                )
                SELECT h.kind::text, h.identity::text,
                       string_agg(DISTINCT u.operator, '; ' ORDER BY u.operator) AS "operators used"
                  FROM (%s) AS h (kind, identity, class, object, sub)
                  JOIN uses AS u ON u.classid = h.class AND u.objid = h.object AND u.objsubid = h.sub
                 GROUP BY h.kind, h.identity
                """.formatted(name("m.nspname"), String.join("\nUNION ALL\n", holders(version))))
                .onlyIf("""
                        EXISTS (SELECT FROM pg_depend WHERE refclassid = 'pg_catalog.pg_operator'::regclass
                                                        AND deptype IN ('n', 'a'))""");
    }

    /** What holds expressions, as the inventory names it, and how pg_depend does. */
    private static List<String> holders(ServerVersion version) {
        String ofTable = "c.relpersistence <> 't' AND " + USER_SCHEMA + " AND " + notOfExtension("pg_class", "c.oid");
        String table = qualified("n.nspname", "c.relname");
        String onTable =
                " JOIN pg_class AS c ON c.oid = %s JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE " + ofTable;
        List<String> holders = new ArrayList<>(List.of(
                "SELECT CASE WHEN x.rulename <> '_RETURN' THEN 'rule' WHEN c.relkind = 'm' THEN 'materialized view'"
                        + " ELSE 'view' END, CASE WHEN x.rulename <> '_RETURN' THEN " + name("x.rulename")
                        + " || ' on ' ELSE '' END || " + table
                        + ", 'pg_rewrite'::regclass::oid, x.oid, 0 FROM pg_rewrite AS x"
                        + onTable.formatted("x.ev_class"),
                "SELECT 'column', " + name("a.attname") + " || ' of ' || " + table
                        + ", 'pg_attrdef'::regclass, x.oid, 0"
                        + " FROM pg_attrdef AS x JOIN pg_attribute AS a ON a.attrelid = x.adrelid AND a.attnum = x.adnum"
                        + onTable.formatted("x.adrelid"),
                "SELECT 'constraint', " + name("x.conname") + " || ' on ' || " + table
                        + ", 'pg_constraint'::regclass, x.oid, 0 FROM pg_constraint AS x"
                        + onTable.formatted("x.conrelid")
                        + " AND x.contype = 'c'",
                "SELECT 'constraint', " + name("x.conname") + " || ' on ' || " + qualified("n.nspname", "t.typname")
                        + ", 'pg_constraint'::regclass, x.oid, 0 FROM pg_constraint AS x JOIN pg_type AS t ON t.oid = x.contypid"
                        + " JOIN pg_namespace AS n ON n.oid = t.typnamespace WHERE x.contype = 'c' AND " + USER_SCHEMA
                        + " AND " + notOfExtension("pg_type", "t.oid"),
                "SELECT 'index', " + qualified("n.nspname", "i.relname")
                        + ", 'pg_class'::regclass, i.oid, 0 FROM pg_index AS x"
                        + " JOIN pg_class AS i ON i.oid = x.indexrelid" + onTable.formatted("x.indrelid")
                        + " AND (x.indexprs IS NOT NULL OR x.indpred IS NOT NULL)",
                "SELECT 'policy', " + name("x.polname") + " || ' on ' || " + table
                        + ", 'pg_policy'::regclass, x.oid, 0 FROM pg_policy AS x" + onTable.formatted("x.polrelid"),
                "SELECT 'trigger', " + name("x.tgname") + " || ' on ' || " + table
                        + ", 'pg_trigger'::regclass, x.oid, 0 FROM pg_trigger AS x" + onTable.formatted("x.tgrelid")
                        + " AND NOT x.tgisinternal"
                        + (version.isAtLeast(ServerVersion.V13) ? " AND x.tgparentid = 0" : ""),
                "SELECT 'function', " + qualified("n.nspname", "x.proname") + " || '(' || " + types("x.proargtypes")
                        + " || ')', 'pg_proc'::regclass, x.oid, 0 FROM pg_proc AS x JOIN pg_namespace AS n"
                        + " ON n.oid = x.pronamespace WHERE " + USER_SCHEMA + " AND "
                        + notOfExtension("pg_proc", "x.oid")
                        + (version.isAtLeast(ServerVersion.V11)
                                ? " AND x.prokind IN ('f', 'w')"
                                : " AND NOT x.proisagg"),
                "SELECT 'domain', " + qualified("n.nspname", "x.typname")
                        + ", 'pg_type'::regclass, x.oid, 0 FROM pg_type AS x"
                        + " JOIN pg_namespace AS n ON n.oid = x.typnamespace WHERE x.typtype = 'd' AND " + USER_SCHEMA
                        + " AND " + notOfExtension("pg_type", "x.oid")));
        if (version.isAtLeast(ServerVersion.V10)) {
            holders.add("SELECT 'table', " + table + ", 'pg_class'::regclass, c.oid, 0 FROM pg_partitioned_table AS x"
                    + onTable.formatted("x.partrelid") + " AND x.partexprs IS NOT NULL");
        }
        if (version.isAtLeast(ServerVersion.V11)) {
            holders.add("SELECT 'procedure', " + qualified("n.nspname", "x.proname") + " || '(' || "
                    + types("x.proargtypes") + " || ')', 'pg_proc'::regclass, x.oid, 0 FROM pg_proc AS x"
                    + " JOIN pg_namespace AS n ON n.oid = x.pronamespace WHERE x.prokind = 'p' AND " + USER_SCHEMA
                    + " AND " + notOfExtension("pg_proc", "x.oid"));
        }
        if (version.isAtLeast(ServerVersion.V12) && !version.isAtLeast(ServerVersion.V15)) {
            // Of a generated column, the column itself depends.
            holders.add("SELECT 'column', " + name("a.attname") + " || ' of ' || " + table
                    + ", 'pg_class'::regclass, c.oid, a.attnum::integer FROM pg_attribute AS a"
                    + onTable.formatted("a.attrelid") + " AND a.attgenerated <> ''");
        }
        if (version.isAtLeast(ServerVersion.V14)) {
            holders.add("SELECT 'statistics', " + qualified("n.nspname", "x.stxname")
                    + ", 'pg_statistic_ext'::regclass, x.oid, 0 FROM pg_statistic_ext AS x JOIN pg_namespace AS n"
                    + " ON n.oid = x.stxnamespace WHERE x.stxexprs IS NOT NULL AND " + USER_SCHEMA + " AND "
                    + notOfExtension("pg_statistic_ext", "x.oid"));
        }
        if (version.isAtLeast(ServerVersion.V15)) {
            holders.add("SELECT 'publication', " + name("p.pubname")
                    + ", 'pg_publication_rel'::regclass, x.oid, 0 FROM pg_publication_rel AS x"
                    + " JOIN pg_publication AS p ON p.oid = x.prpubid WHERE x.prqual IS NOT NULL");
        }
        return holders;
    }

    /** What is to be said of two lists that differ. */
    static String clause(String here, String there) {
        if ((here != null && DefinitionText.isDigest(here)) || (there != null && DefinitionText.isDigest(there))) {
            return "uses other operators than on the source";
        }
        List<String> parts = new ArrayList<>();
        only(here, there, "source", parts);
        only(there, here, "target", parts);
        return "uses " + String.join(" and ", parts)
                + (here == null || there == null ? ", where a built-in one stands on the other side" : "");
    }

    private static void only(String one, String other, String side, List<String> parts) {
        List<String> operators = new ArrayList<>(list(one));
        operators.removeAll(list(other));
        if (!operators.isEmpty()) {
            parts.add("operator " + String.join(", ", operators) + " on the " + side + " only");
        }
    }

    private static List<String> list(String operators) {
        return operators == null ? List.of() : List.of(operators.split("; ", -1));
    }
}
