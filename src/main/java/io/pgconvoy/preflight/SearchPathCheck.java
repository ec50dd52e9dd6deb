package io.pgconvoy.preflight;

import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.postgres.ServerVersion;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
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
final class SearchPathCheck implements DatabaseCheck {
    @Override
    public String name() {
        return "search-path";
    }

    private record Call(String object, String function, UnqualifiedNames names) {}

    @Override
    public List<Finding> run(Situation situation, SourceDatabase database) throws SQLException {
        List<Call> calls = calls(database);
        if (calls.isEmpty()) {
            return List.of();
        }
        Set<String> relations = known(database.connection(), calls, UnqualifiedNames::relations, """
                SELECT c.relname
                  FROM pg_class c
                  JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE c.relname = ANY (?) AND n.nspname <> 'pg_catalog'
                   AND NOT EXISTS (SELECT FROM pg_class b
                                    WHERE b.relname = c.relname AND b.relnamespace = 'pg_catalog'::regnamespace)
                """);
        Set<String> functions = known(database.connection(), calls, UnqualifiedNames::functions, """
                SELECT p.proname
                  FROM pg_proc p
                  JOIN pg_namespace n ON n.oid = p.pronamespace
                 WHERE p.proname = ANY (?) AND n.nspname <> 'pg_catalog'
                   AND NOT EXISTS (SELECT FROM pg_proc b
                                    WHERE b.proname = p.proname AND b.pronamespace = 'pg_catalog'::regnamespace)
                """);
        Set<String> types = known(database.connection(), calls, UnqualifiedNames::types, """
                SELECT t.typname
                  FROM pg_type t
                  JOIN pg_namespace n ON n.oid = t.typnamespace
                 WHERE t.typname = ANY (?) AND n.nspname <> 'pg_catalog'
                   AND NOT EXISTS (SELECT FROM pg_type b
                                    WHERE b.typname = t.typname AND b.typnamespace = 'pg_catalog'::regnamespace)
                """);
        Map<String, Set<String>> found = new TreeMap<>();
        for (Call call : calls) {
            Set<String> names = new TreeSet<>();
            names.addAll(both(call.names().relations(), relations));
            names.addAll(both(call.names().functions(), functions));
            names.addAll(both(call.names().types(), types));
            if (!names.isEmpty()) {
                found.computeIfAbsent(call.object(), none -> new TreeSet<>())
                        .add(call.function() + " names " + String.join(", ", names));
            }
        }
        if (found.isEmpty()) {
            return List.of();
        }
        return List.of(Finding.warning(
                        name(),
                        "functions name objects without their schema, and will not find them when the restore calls them for"
                                + " indexes, materialized views, constraints or generated columns",
                        "On the source, ALTER FUNCTION ... SET search_path = public, pg_temp (or whatever schema they are"
                                + " in), or write the schema's name in the function.")
                .at(found.entrySet().stream()
                        .map(entry -> Place.of(
                                database.name(), entry.getKey() + " (" + String.join("; ", entry.getValue()) + ")"))
                        .toList()));
    }

    /** What a restore calls: from an index, a materialized view, a check constraint, a generated column, a partition key. */
    private static List<Call> calls(SourceDatabase database) throws SQLException {
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
                 WHERE p.oid >= 16384 AND l.lanname IN ('sql', 'plpgsql') AND p.prosrc <> ''
                   AND NOT EXISTS (SELECT FROM unnest(p.proconfig) AS c (setting) WHERE c.setting LIKE 'search\\_path=%%')
                   AND NOT EXISTS (SELECT FROM pg_depend e
                                    WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid AND e.deptype = 'e')
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
        List<Call> calls = new ArrayList<>();
        try (Statement statement = database.connection().createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                calls.add(new Call(row.getString(1), row.getString(2), UnqualifiedNames.in(row.getString(3))));
            }
        }
        return calls;
    }

    private static Set<String> known(
            Connection connection, List<Call> calls, Function<UnqualifiedNames, Set<String>> kind, String query)
            throws SQLException {
        Set<String> names = new TreeSet<>();
        calls.forEach(call -> names.addAll(kind.apply(call.names())));
        Set<String> known = new HashSet<>();
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            statement.setArray(1, connection.createArrayOf("name", names.toArray()));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    known.add(row.getString(1));
                }
            }
        }
        return known;
    }

    private static Set<String> both(Set<String> some, Set<String> others) {
        Set<String> both = new TreeSet<>(some);
        both.retainAll(others);
        return both;
    }
}
