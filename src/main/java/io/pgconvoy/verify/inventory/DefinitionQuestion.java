package io.pgconvoy.verify.inventory;

import static io.pgconvoy.verify.inventory.CatalogSql.name;
import static io.pgconvoy.verify.inventory.CatalogSql.qualified;

import java.util.Optional;

/**
 * Where the parts of a kind of definition are in the catalogs.
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
    private static final String RELATION = "JOIN pg_namespace AS n ON n.oid = c.relnamespace";

    /** The question about an attribute of a kind of object; empty where such a definition is not taken apart. */
    static Optional<DefinitionQuestion> about(String kind, String attribute) {
        return switch (kind + ": " + attribute) {
            case "view: definition", "materialized view: definition" -> of(relation("pg_get_viewdef(c.oid)", "NULL"));
            case "table: partition key" -> of(relation("pg_get_partkeydef(c.oid)", "NULL"));
            case "table: partition bound", "foreign table: partition bound" -> of(partitionBound());
            case "column: default" -> of(columnDefault());
            case "index: definition" -> of(index());
            case "constraint: definition" -> of(constraint());
            case "trigger: definition" -> of(trigger());
            case "rule: definition" -> of(rule());
            case "policy: using" -> of(policy("p.polqual"));
            case "policy: with check" -> of(policy("p.polwithcheck"));
            case "function: arguments", "procedure: arguments" -> of(arguments());
            case "function: body", "procedure: body" -> of(body());
            case "statistics: expressions" -> of(statistics());
            case "domain: default" -> of(domainDefault());
            default -> Optional.empty();
        };
    }

    private static Optional<DefinitionQuestion> of(DefinitionQuestion question) {
        return Optional.of(question);
    }

    private static DefinitionQuestion relation(String text, String extra) {
        return new DefinitionQuestion(
                "pg_class AS c " + RELATION,
                "c.oid",
                qualified("n.nspname", "c.relname"),
                text,
                NO_TEXTS,
                NO_TEXTS,
                true,
                extra);
    }

    /** The relation is the parent, the extra its partition key. */
    private static DefinitionQuestion partitionBound() {
        return new DefinitionQuestion(
                "pg_class AS t JOIN pg_namespace AS tn ON tn.oid = t.relnamespace"
                        + " JOIN pg_inherits AS h ON h.inhrelid = t.oid JOIN pg_class AS c ON c.oid = h.inhparent "
                        + RELATION,
                "t.oid",
                qualified("tn.nspname", "t.relname"),
                "pg_get_expr(t.relpartbound, t.oid)",
                NO_TEXTS,
                NO_TEXTS,
                true,
                "pg_get_partkeydef(c.oid)");
    }

    private static DefinitionQuestion columnDefault() {
        String expression = "pg_get_expr(d.adbin, d.adrelid)";
        return new DefinitionQuestion(
                "pg_attrdef AS d JOIN pg_class AS c ON c.oid = d.adrelid " + RELATION
                        + " JOIN pg_attribute AS a ON a.attrelid = d.adrelid AND a.attnum = d.adnum",
                "d.oid",
                name("a.attname") + " || ' of ' || " + qualified("n.nspname", "c.relname"),
                expression,
                "ARRAY[" + expression + "]",
                "ARRAY[" + expression + "]",
                true,
                "NULL");
    }

    private static DefinitionQuestion index() {
        return new DefinitionQuestion(
                "pg_index AS i JOIN pg_class AS x ON x.oid = i.indexrelid JOIN pg_class AS c ON c.oid = i.indrelid "
                        + RELATION,
                "i.indexrelid",
                qualified("n.nspname", "x.relname"),
                "pg_get_indexdef(i.indexrelid)",
                indexPieces(),
                INDEX_CLAUSES,
                true,
                "NULL");
    }

    private static final String INDEX_CLAUSES =
            "ARRAY[pg_get_expr(i.indexprs, i.indrelid), pg_get_expr(i.indpred, i.indrelid)]";

    /** Each column that is an expression, and the predicate. */
    private static String indexPieces() {
        return """
                (ARRAY(SELECT pg_get_indexdef(i.indexrelid, k.number + 1, false)
                         FROM generate_series(0, array_upper(i.indkey, 1)) AS k(number)
                        WHERE i.indkey[k.number] = 0 ORDER BY k.number)
                 || pg_get_expr(i.indpred, i.indrelid))""";
    }

    /** Of a table's CHECK the expression, of an exclusion the index's ones; a domain's is parsed as a whole. */
    private static DefinitionQuestion constraint() {
        return new DefinitionQuestion(
                """
                pg_constraint AS k
                LEFT JOIN pg_class AS c ON c.oid = k.conrelid AND k.conrelid <> 0
                LEFT JOIN pg_namespace AS n ON n.oid = c.relnamespace
                LEFT JOIN pg_type AS t ON t.oid = k.contypid AND k.contypid <> 0
                LEFT JOIN pg_namespace AS tn ON tn.oid = t.typnamespace
                LEFT JOIN pg_index AS i ON i.indexrelid = k.conindid AND k.contype = 'x'""",
                "k.oid",
                name("k.conname") + " || ' on ' || COALESCE(" + qualified("n.nspname", "c.relname") + ", "
                        + qualified("tn.nspname", "t.typname") + ")",
                "regexp_replace(pg_get_constraintdef(k.oid), ' NOT VALID$', '')",
                "CASE WHEN k.contype = 'x' THEN " + indexPieces()
                        + " WHEN k.conrelid <> 0 THEN ARRAY[pg_get_expr(k.conbin, k.conrelid)] ELSE '{}' END",
                "CASE WHEN k.contype = 'x' THEN " + INDEX_CLAUSES
                        + " WHEN k.conrelid <> 0 THEN ARRAY[pg_get_expr(k.conbin, k.conrelid)] ELSE '{}' END",
                true,
                "CASE WHEN t.oid IS NOT NULL THEN format_type(t.typbasetype, t.typtypmod) END");
    }

    /** The extra is the relation as it is printed, after {@code v} for a view and {@code t} for a table. */
    private static DefinitionQuestion trigger() {
        return attached("pg_trigger", "tgrelid", "tgname", "pg_get_triggerdef(a.oid)");
    }

    private static DefinitionQuestion rule() {
        return attached("pg_rewrite", "ev_class", "rulename", "pg_get_ruledef(a.oid)");
    }

    private static DefinitionQuestion attached(String catalog, String table, String itsName, String text) {
        return new DefinitionQuestion(
                catalog + " AS a JOIN pg_class AS c ON c.oid = a." + table + " " + RELATION,
                "a.oid",
                name("a." + itsName) + " || ' on ' || " + qualified("n.nspname", "c.relname"),
                text,
                NO_TEXTS,
                NO_TEXTS,
                true,
                "CASE c.relkind WHEN 'v' THEN 'v' ELSE 't' END || c.oid::regclass::text");
    }

    private static DefinitionQuestion policy(String expression) {
        String text = "pg_get_expr(" + expression + ", p.polrelid)";
        return new DefinitionQuestion(
                "pg_policy AS p JOIN pg_class AS c ON c.oid = p.polrelid " + RELATION,
                "p.oid",
                name("p.polname") + " || ' on ' || " + qualified("n.nspname", "c.relname"),
                text,
                "ARRAY[" + text + "]",
                "ARRAY[" + text + "]",
                true,
                "NULL");
    }

    private static DefinitionQuestion arguments() {
        return new DefinitionQuestion(
                "pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace",
                "p.oid",
                CatalogSql.routine(),
                "pg_get_function_arguments(p.oid)",
                """
                ARRAY(SELECT pg_get_function_arg_default(p.oid, g.number)
                        FROM generate_series(1, COALESCE(array_length(p.proallargtypes, 1), p.pronargs)) AS g(number)
                       ORDER BY g.number)""",
                "ARRAY[pg_get_expr(p.proargdefaults, 0)]",
                false,
                "NULL");
    }

    /** The extra is the statement's beginning, up to the body. */
    private static DefinitionQuestion body() {
        return new DefinitionQuestion(
                "pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace",
                "p.oid",
                CatalogSql.routine(),
                "pg_get_function_sqlbody(p.oid)",
                NO_TEXTS,
                NO_TEXTS,
                false,
                """
                CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END || ' pg_temp.' || quote_ident(p.proname)
                    || '(' || pg_get_function_arguments(p.oid) || ')'
                    || COALESCE(' RETURNS ' || pg_get_function_result(p.oid), '') || ' LANGUAGE sql '""");
    }

    private static DefinitionQuestion statistics() {
        return new DefinitionQuestion(
                "pg_statistic_ext AS s JOIN pg_namespace AS sn ON sn.oid = s.stxnamespace"
                        + " JOIN pg_class AS c ON c.oid = s.stxrelid " + RELATION,
                "s.oid",
                qualified("sn.nspname", "s.stxname"),
                "array_to_string(pg_get_statisticsobjdef_expressions(s.oid), ', ')",
                "pg_get_statisticsobjdef_expressions(s.oid)",
                "pg_get_statisticsobjdef_expressions(s.oid)",
                true,
                "NULL");
    }

    private static DefinitionQuestion domainDefault() {
        return new DefinitionQuestion(
                "pg_type AS t JOIN pg_namespace AS n ON n.oid = t.typnamespace",
                "t.oid",
                qualified("n.nspname", "t.typname"),
                "t.typdefault",
                "ARRAY[t.typdefault]",
                "ARRAY[t.typdefault]",
                false,
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
