package io.pgconvoy.verify.inventory;

import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import java.util.List;
import java.util.Optional;

/**
 * An object that is made on the target from a definition's text, read, and gone with the savepoint before it: what the
 * target prints of it is how this server understands the text. Nothing of a twin is ever planned or executed, and all are
 * temporary, so that none needs a right in any schema.
 */
final class Twin {
    private static final String NAME = "pg_temp.pgconvoy_twin";
    private static final String OID = "'" + NAME + "'::regclass";

    private final List<String> statements;
    private final String print;

    private Twin(List<String> statements, String print) {
        this.statements = statements;
        this.print = print;
    }

    /** The twin for an attribute of a kind of object; empty where its text is not of the form that is expected. */
    static Optional<Twin> of(String kind, String attribute, DefinitionParts parts) {
        return switch (kind + ": " + attribute) {
            case "view: definition", "materialized view: definition" -> Optional.of(view(parts.text()));
            case "trigger: definition" -> attached(parts, " ON ", """
                    SELECT pg_get_triggerdef(g.oid) FROM pg_trigger AS g WHERE g.tgrelid = %s""".formatted(OID));
            case "rule: definition" -> attached(parts, " TO ", """
                    SELECT pg_get_ruledef(w.oid) FROM pg_rewrite AS w
                     WHERE w.ev_class = %s AND w.rulename <> '_RETURN'""".formatted(OID));
            case "function: body", "procedure: body" ->
                parts.extra()
                        .map(start -> new Twin(
                                List.of("CREATE " + start + parts.text()),
                                "SELECT pg_get_function_sqlbody(p.oid) FROM pg_proc AS p"
                                        + " WHERE p.pronamespace = pg_my_temp_schema()"));
            case "table: partition key" ->
                parts.relation()
                        .map(table -> new Twin(
                                List.of(partitioned(table, parts.text())), "SELECT pg_get_partkeydef(" + OID + ")"));
            case "table: partition bound", "foreign table: partition bound" -> bound(parts);
            case "constraint: definition" -> parts.extra().isPresent() ? domain(parts) : expressions(parts);
            default -> expressions(parts);
        };
    }

    private static Twin view(String query) {
        return new Twin(
                List.of("CREATE TEMPORARY VIEW pgconvoy_twin AS " + query.replaceFirst(";\\s*$", "")),
                """
                SELECT pg_get_viewdef(%1$s) || COALESCE((SELECT string_agg(DISTINCT r.name, ', ' ORDER BY r.name)
                                                           FROM %2$s AS r WHERE r.ev_class = %1$s), '')
                """.formatted(OID, CatalogSql.references(ServerVersion.V14)));
    }

    /** A trigger or a rule: on a relation with the same columns, so that nobody has to wait for the real one. */
    private static Optional<Twin> attached(DefinitionParts parts, String before, String print) {
        String text = parts.text();
        String table = parts.extra().orElseThrow();
        String place = before + table.substring(1);
        int found = text.indexOf(place);
        if (found < 0 || parts.relation().isEmpty()) {
            return Optional.empty();
        }
        String relation = parts.relation().get();
        String twin = table.startsWith("v")
                ? "CREATE TEMPORARY VIEW pgconvoy_twin AS SELECT * FROM " + relation
                : "CREATE TEMPORARY TABLE pgconvoy_twin (LIKE " + relation + ")";
        String statement = text.substring(0, found) + before + NAME + text.substring(found + place.length());
        return Optional.of(new Twin(List.of(twin, statement), print));
    }

    private static String partitioned(String table, String key) {
        return "CREATE TEMPORARY TABLE pgconvoy_twin (LIKE " + table + ") PARTITION BY " + key;
    }

    private static Optional<Twin> bound(DefinitionParts parts) {
        return parts.relation()
                .flatMap(parent -> parts.extra()
                        .map(key -> new Twin(
                                List.of(
                                        partitioned(parent, key),
                                        "CREATE TEMPORARY TABLE pgconvoy_part PARTITION OF pgconvoy_twin "
                                                + parts.text()),
                                "SELECT pg_get_expr(c.relpartbound, c.oid) FROM pg_class AS c"
                                        + " WHERE c.oid = 'pg_temp.pgconvoy_part'::regclass")));
    }

    private static Optional<Twin> domain(DefinitionParts parts) {
        return Optional.of(new Twin(
                List.of("CREATE DOMAIN " + NAME + " AS " + parts.extra().orElseThrow() + " " + parts.text()),
                "SELECT pg_get_constraintdef(k.oid) FROM pg_constraint AS k WHERE k.contypid = '" + NAME
                        + "'::regtype"));
    }

    /** Expressions over the columns of the target's own relation, in the one column of a view, which cannot be a row. */
    private static Optional<Twin> expressions(DefinitionParts parts) {
        if (parts.clauses().isEmpty()) {
            return Optional.empty();
        }
        String from = parts.relation()
                .map(table -> " FROM ONLY " + table + " AS " + parts.alias().orElseThrow())
                .orElse("");
        return Optional.of(new Twin(
                List.of("CREATE TEMPORARY VIEW pgconvoy_twin AS SELECT ROW(" + String.join(", ", parts.clauses())
                        + ") IS NULL AS parts" + from),
                "SELECT pg_get_viewdef(" + OID + ")"));
    }

    /** What the target prints of it. */
    Optional<String> print(Session session) {
        return session.undone(transaction -> {
            statements.forEach(transaction::execute);
            return transaction.text(print);
        });
    }
}
