package io.pgconvoy.preflight.removed;

import io.pgconvoy.model.Finding;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.DatabaseCheck;
import io.pgconvoy.preflight.Sign;
import io.pgconvoy.preflight.SourceDatabase;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Functions that a restore itself calls, and that name objects without their schema. pg_dump's scripts empty the search
 * path, and from 17 on maintenance commands (CREATE INDEX, REFRESH MATERIALIZED VIEW, ANALYZE) do so too, so such a function
 * does not find them: rows of a table with such a constraint or generated column do not load, an index is not built, a
 * materialized view stays empty. As long as there are no rows nothing fails, so that this is no certain failure.
 *
 * @see <a href="https://www.postgresql.org/docs/release/17.0/">Release notes of 17, "Change functions to use a safe
 *     search_path during maintenance operations"</a>
 */
public final class SearchPathCheck extends DatabaseCheck {
    private record Call(String object, String function, UnqualifiedNames names) {}

    public SearchPathCheck() {
        super(
                "search-path",
                "warning",
                "any two versions: functions in SQL and PL/pgSQL that a restore calls (for indexes,"
                        + " materialized views, constraints, generated columns) and that name objects without"
                        + " their schema, and have no SET search_path");
    }

    @Override
    public List<Sign> signs(CheckContext context) {
        return List.of(Sign.FUNCTIONS);
    }

    @Override
    public List<Finding> run(CheckContext context, SourceDatabase database) {
        List<Call> calls = calls(database);
        if (calls.isEmpty()) {
            return List.of();
        }
        Set<String> relations = known(database, calls, UnqualifiedNames::relations, "pg_class", "rel");
        Set<String> functions = known(database, calls, UnqualifiedNames::functions, "pg_proc", "pro");
        Set<String> types = known(database, calls, UnqualifiedNames::types, "pg_type", "typ");
        Map<String, Set<String>> named = new TreeMap<>();
        for (Call call : calls) {
            Set<String> names = new TreeSet<>();
            names.addAll(both(call.names().relations(), relations));
            names.addAll(both(call.names().functions(), functions));
            names.addAll(both(call.names().types(), types));
            if (!names.isEmpty()) {
                named.computeIfAbsent(call.object(), none -> new TreeSet<>())
                        .add(call.function() + " names " + String.join(", ", names));
            }
        }
        return found(warning(
                        "functions name objects without their schema, and will not find them when the restore calls them for"
                                + " indexes, materialized views, constraints or generated columns",
                        "On the source, ALTER FUNCTION ... SET search_path = public, pg_temp (or whatever schema they are"
                                + " in), or write the schema's name in the function.")
                .at(named.entrySet().stream()
                        .map(entry -> database.place(entry.getKey() + " (" + String.join("; ", entry.getValue()) + ")"))
                        .toList()));
    }

    /** What a restore calls: from an index, a materialized view, a check constraint, a generated column, a partition key. */
    private static List<Call> calls(SourceDatabase database) {
        // The column itself depends on the function before 15, since then its expression does.
        boolean generated = database.version().isAtLeast(ServerVersion.V12);
        String sql = """
                SELECT i.type || ' ' || i.identity, f.identity, p.prosrc
                  FROM (
                        SELECT d.classid AS class, d.objid AS object, 0 AS sub, d.refobjid AS function
                          FROM pg_depend d JOIN pg_class c ON c.oid = d.objid
                         WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_proc'::regclass
                           AND c.relkind IN ('i', 'I', 'p')
                        UNION
                        SELECT 'pg_class'::regclass, c.oid, 0, d.refobjid
                          FROM pg_depend d
                          JOIN pg_rewrite r ON r.oid = d.objid
                          JOIN pg_class c ON c.oid = r.ev_class
                         WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_proc'::regclass
                           AND c.relkind = 'm' AND c.relispopulated
                        UNION
                        SELECT d.classid, d.objid, 0, d.refobjid
                          FROM pg_depend d JOIN pg_constraint c ON c.oid = d.objid
                         WHERE d.classid = 'pg_constraint'::regclass AND d.refclassid = 'pg_proc'::regclass
                           AND c.contype = 'c'
                        %s
                       ) u
                  JOIN pg_proc p ON p.oid = u.function
                  JOIN pg_language l ON l.oid = p.prolang
                 CROSS JOIN LATERAL pg_identify_object(u.class, u.object, u.sub) AS i
                 CROSS JOIN LATERAL pg_identify_object('pg_proc'::regclass, p.oid, 0) AS f
                 WHERE l.lanname IN ('sql', 'plpgsql') AND p.prosrc <> ''
                   AND NOT EXISTS (SELECT FROM unnest(p.proconfig) AS c (setting) WHERE c.setting LIKE 'search\\_path=%%')
                   AND {made pg_proc p.oid}
                 ORDER BY 1, 2
                """.formatted(generated ? """
                        UNION
                        SELECT 'pg_class'::regclass, t.attrelid, t.attnum, d.refobjid
                          FROM pg_depend d
                          LEFT JOIN pg_attrdef a ON d.classid = 'pg_attrdef'::regclass AND a.oid = d.objid
                          JOIN pg_attribute t ON t.attrelid = coalesce(a.adrelid, d.objid)
                                             AND t.attnum = coalesce(a.adnum, d.objsubid)
                         WHERE d.classid IN ('pg_attrdef'::regclass, 'pg_class'::regclass)
                           AND d.refclassid = 'pg_proc'::regclass AND t.attgenerated <> ''
                        """ : "");
        return database.list(
                sql, row -> new Call(row.getString(1), row.getString(2), UnqualifiedNames.in(row.getString(3))));
    }

    /** Those of the names that are in a catalog, but not in pg_catalog. */
    private static Set<String> known(
            SourceDatabase database,
            List<Call> calls,
            Function<UnqualifiedNames, Set<String>> kind,
            String catalog,
            String prefix) {
        return Set.copyOf(database.session()
                .texts(
                        """
                SELECT DISTINCT o.%2$sname
                  FROM %1$s o
                 WHERE o.%2$sname = ANY (?) AND o.%2$snamespace <> 'pg_catalog'::regnamespace
                   AND NOT EXISTS (SELECT FROM %1$s b
                                    WHERE b.%2$sname = o.%2$sname AND b.%2$snamespace = 'pg_catalog'::regnamespace)
                """.formatted(catalog, prefix),
                        calls.stream()
                                .flatMap(call -> kind.apply(call.names()).stream())
                                .distinct()
                                .toList()));
    }

    private static Set<String> both(Set<String> some, Set<String> others) {
        Set<String> both = new TreeSet<>(some);
        both.retainAll(others);
        return both;
    }
}
