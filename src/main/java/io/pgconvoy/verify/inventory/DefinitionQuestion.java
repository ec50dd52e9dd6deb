package io.pgconvoy.verify.inventory;

import io.pgconvoy.postgres.ServerVersion;
import java.util.Optional;

/**
 * Where the parts of a kind of definition are in the catalogs. What stands in braces is {@link CatalogSql}'s.
 *
 * @param from the tables
 * @param oid the expression for the OID that stands for the object
 * @param identity the expression for its identity, as the inventory has it
 * @param text the expression for the attribute's text, as the inventory has it
 * @param pieces the expression for the array of expressions within the text
 * @param clauses the expression for the array of all expressions of the object
 * @param relation whether {@code n} and {@code c} in {@code from} are the relation it belongs to
 * @param extra the expression for what else is needed
 */
record DefinitionQuestion(
        String from,
        String oid,
        String identity,
        String text,
        String pieces,
        String clauses,
        boolean relation,
        String extra) {
    private static final String NO_TEXTS = "'{}'::text[]";
    private static final String RELATION = " JOIN pg_namespace AS n ON n.oid = c.relnamespace";
    private static final String ITS_NAME = "{qualified n.nspname c.relname}";

    /** Each column of an index that is an expression, and the predicate. */
    private static final String INDEX_PIECES = """
            (ARRAY(SELECT pg_get_indexdef(i.indexrelid, k.number + 1, false)
                     FROM generate_series(0, array_upper(i.indkey, 1)) AS k(number)
                    WHERE i.indkey[k.number] = 0 ORDER BY k.number)
             || pg_get_expr(i.indpred, i.indrelid))""";

    private static final String INDEX_CLAUSES =
            "ARRAY[pg_get_expr(i.indexprs, i.indrelid), pg_get_expr(i.indpred, i.indrelid)]";

    private static final String ROUTINE = "pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace";

    DefinitionQuestion {
        identity = CatalogSql.expand(identity, ServerVersion.V14);
    }

    /** The question about an attribute of a kind of object; empty where such a definition is not taken apart. */
    static Optional<DefinitionQuestion> about(String kind, String attribute) {
        return Optional.ofNullable(
                switch (kind + ": " + attribute) {
                    case "view: definition", "materialized view: definition" -> relation("pg_get_viewdef(c.oid)");
                    case "table: partition key" -> relation("pg_get_partkeydef(c.oid)");
                    case "table: partition bound", "foreign table: partition bound" -> partitionBound();
                    case "column: default" ->
                        expression(
                                "pg_attrdef AS d JOIN pg_class AS c ON c.oid = d.adrelid" + RELATION
                                        + " JOIN pg_attribute AS a ON a.attrelid = d.adrelid AND a.attnum = d.adnum",
                                "d.oid",
                                "{name a.attname} || ' of ' || " + ITS_NAME,
                                "pg_get_expr(d.adbin, d.adrelid)");
                    case "index: definition" ->
                        new DefinitionQuestion(
                                "pg_index AS i JOIN pg_class AS x ON x.oid = i.indexrelid JOIN pg_class AS c ON c.oid = i.indrelid"
                                        + RELATION,
                                "i.indexrelid",
                                "{qualified n.nspname x.relname}",
                                "pg_get_indexdef(i.indexrelid)",
                                INDEX_PIECES,
                                INDEX_CLAUSES,
                                true,
                                "NULL");
                    case "constraint: definition" -> constraint();
                    case "trigger: definition" ->
                        attached("pg_trigger", "tgrelid", "tgname", "pg_get_triggerdef(a.oid)");
                    case "rule: definition" -> attached("pg_rewrite", "ev_class", "rulename", "pg_get_ruledef(a.oid)");
                    case "policy: using" -> policy("p.polqual");
                    case "policy: with check" -> policy("p.polwithcheck");
                    case "function: arguments", "procedure: arguments" ->
                        new DefinitionQuestion(
                                ROUTINE,
                                "p.oid",
                                "{routine}",
                                "pg_get_function_arguments(p.oid)",
                                """
                        ARRAY(SELECT pg_get_function_arg_default(p.oid, g.number)
                                FROM generate_series(1, COALESCE(array_length(p.proallargtypes, 1), p.pronargs)) AS g(number)
                               ORDER BY g.number)""",
                                "ARRAY[pg_get_expr(p.proargdefaults, 0)]",
                                false,
                                "NULL");
                    case "function: body", "procedure: body" ->
                        // The extra is the statement's beginning, up to the body.
                        new DefinitionQuestion(
                                ROUTINE,
                                "p.oid",
                                "{routine}",
                                "pg_get_function_sqlbody(p.oid)",
                                NO_TEXTS,
                                NO_TEXTS,
                                false,
                                """
                        CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END || ' pg_temp.' || quote_ident(p.proname)
                            || '(' || pg_get_function_arguments(p.oid) || ')'
                            || COALESCE(' RETURNS ' || pg_get_function_result(p.oid), '') || ' LANGUAGE sql '""");
                    case "statistics: expressions" -> statistics("pg_get_statisticsobjdef_expressions(s.oid)");
                    case "domain: default" ->
                        new DefinitionQuestion(
                                "pg_type AS t JOIN pg_namespace AS n ON n.oid = t.typnamespace",
                                "t.oid",
                                "{qualified n.nspname t.typname}",
                                "t.typdefault",
                                "ARRAY[t.typdefault]",
                                "ARRAY[t.typdefault]",
                                false,
                                "NULL");
                    default -> null;
                });
    }

    private static DefinitionQuestion relation(String text) {
        return new DefinitionQuestion(
                "pg_class AS c" + RELATION, "c.oid", ITS_NAME, text, NO_TEXTS, NO_TEXTS, true, "NULL");
    }

    /** An expression that belongs to a relation. */
    private static DefinitionQuestion expression(String from, String oid, String identity, String text) {
        return new DefinitionQuestion(
                from, oid, identity, text, "ARRAY[" + text + "]", "ARRAY[" + text + "]", true, "NULL");
    }

    /** The relation is the parent, the extra its partition key. */
    private static DefinitionQuestion partitionBound() {
        return new DefinitionQuestion(
                "pg_class AS t JOIN pg_namespace AS tn ON tn.oid = t.relnamespace"
                        + " JOIN pg_inherits AS h ON h.inhrelid = t.oid JOIN pg_class AS c ON c.oid = h.inhparent"
                        + RELATION,
                "t.oid",
                "{qualified tn.nspname t.relname}",
                "pg_get_expr(t.relpartbound, t.oid)",
                NO_TEXTS,
                NO_TEXTS,
                true,
                "pg_get_partkeydef(c.oid)");
    }

    /** Of a table's CHECK the expression, of an exclusion the index's ones; a domain's is parsed as a whole. */
    private static DefinitionQuestion constraint() {
        String check = " WHEN k.conrelid <> 0 THEN ARRAY[pg_get_expr(k.conbin, k.conrelid)] ELSE '{}' END";
        return new DefinitionQuestion(
                """
                pg_constraint AS k
                LEFT JOIN pg_class AS c ON c.oid = k.conrelid AND k.conrelid <> 0
                LEFT JOIN pg_namespace AS n ON n.oid = c.relnamespace
                LEFT JOIN pg_type AS t ON t.oid = k.contypid AND k.contypid <> 0
                LEFT JOIN pg_namespace AS tn ON tn.oid = t.typnamespace
                LEFT JOIN pg_index AS i ON i.indexrelid = k.conindid AND k.contype = 'x'""",
                "k.oid",
                "{name k.conname} || ' on ' || COALESCE(" + ITS_NAME + ", {qualified tn.nspname t.typname})",
                "regexp_replace(pg_get_constraintdef(k.oid), ' NOT VALID$', '')",
                "CASE WHEN k.contype = 'x' THEN " + INDEX_PIECES + check,
                "CASE WHEN k.contype = 'x' THEN " + INDEX_CLAUSES + check,
                true,
                "CASE WHEN t.oid IS NOT NULL THEN format_type(t.typbasetype, t.typtypmod) END");
    }

    /** The extra is the relation as it is printed, after {@code v} for a view and {@code t} for a table. */
    private static DefinitionQuestion attached(String catalog, String table, String itsName, String text) {
        return new DefinitionQuestion(
                catalog + " AS a JOIN pg_class AS c ON c.oid = a." + table + RELATION,
                "a.oid",
                "{name a." + itsName + "} || ' on ' || " + ITS_NAME,
                text,
                NO_TEXTS,
                NO_TEXTS,
                true,
                "CASE c.relkind WHEN 'v' THEN 'v' ELSE 't' END || c.oid::regclass::text");
    }

    private static DefinitionQuestion policy(String expression) {
        return expression(
                "pg_policy AS p JOIN pg_class AS c ON c.oid = p.polrelid" + RELATION,
                "p.oid",
                "{name p.polname} || ' on ' || " + ITS_NAME,
                "pg_get_expr(" + expression + ", p.polrelid)");
    }

    private static DefinitionQuestion statistics(String expressions) {
        return new DefinitionQuestion(
                "pg_statistic_ext AS s JOIN pg_namespace AS sn ON sn.oid = s.stxnamespace"
                        + " JOIN pg_class AS c ON c.oid = s.stxrelid" + RELATION,
                "s.oid",
                "{qualified sn.nspname s.stxname}",
                "array_to_string(" + expressions + ", ', ')",
                expressions,
                expressions,
                true,
                "NULL");
    }

    /** All objects of the kind: OID and identity. */
    String list() {
        return "SELECT " + oid + "::text, " + identity + " FROM " + from;
    }

    /** The parts of some of them, by OID. */
    String parts(String oids) {
        return "SELECT " + oid + "::text, " + text + ", " + pieces + ", " + clauses + ", "
                + (relation ? "n.nspname::text, c.relname::text" : "NULL, NULL") + ", " + extra + " FROM " + from
                + " WHERE " + oid + " IN (" + oids + ")";
    }
}
