package io.pgconvoy.preflight;

import io.pgconvoy.catalog.Builtins.Function;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.postgres.Sql;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Functions that users made and that the target has built in, with the same name and arguments (gen_random_uuid() since 13):
 * a call without the schema's name reaches the built-in one there, as pg_catalog is searched first.
 */
final class NewBuiltinsCheck implements DatabaseCheck {
    private final BuiltinComparison builtins;
    private Set<List<Object>> added;

    NewBuiltinsCheck(BuiltinComparison builtins) {
        this.builtins = builtins;
    }

    @Override
    public String name() {
        return "new-builtins";
    }

    @Override
    public List<Finding> run(Situation situation, SourceDatabase database) throws SQLException {
        if (added == null) {
            added = signatures(builtins.target(situation).functions());
            added.removeAll(signatures(builtins.source(situation).functions()));
        }
        if (added.isEmpty()) {
            return List.of();
        }
        List<Place> places = new ArrayList<>();
        try (Statement statement = database.connection().createStatement();
                ResultSet row = statement.executeQuery("""
                        SELECT p.proname, n.nspname, p.oid,
                               ARRAY(SELECT tn.nspname || '.' || t.typname
                                       FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS a (type, position)
                                       JOIN pg_type t ON t.oid = a.type
                                       JOIN pg_namespace tn ON tn.oid = t.typnamespace
                                      ORDER BY a.position)
                          FROM pg_proc p
                          JOIN pg_namespace n ON n.oid = p.pronamespace
                         WHERE p.oid >= 16384 AND p.proname IN (%s)
                           AND NOT EXISTS (SELECT FROM pg_depend d
                                            WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid
                                              AND d.deptype = 'e')
                         ORDER BY 2, 1
                        """.formatted(names()))) {
            while (row.next()) {
                List<String> arguments = List.of((String[]) row.getArray(4).getArray());
                if (added.contains(List.of(row.getString(1), arguments))) {
                    places.add(Place.of(
                            database.name(),
                            LostBuiltins.label(
                                    new Function(row.getLong(3), row.getString(2), row.getString(1), arguments, 0))));
                }
            }
        }
        if (places.isEmpty()) {
            return List.of();
        }
        return List.of(Finding.note(
                        name(),
                        "PostgreSQL " + situation.target().version().majorText()
                                + " has functions of the same names and arguments built in, which calls without a schema"
                                + " reach there",
                        "Where the two do not do the same, write the schema's name in the calls.")
                .at(places));
    }

    private String names() {
        return added.stream()
                .map(signature -> Sql.literal((String) signature.get(0)))
                .distinct()
                .sorted()
                .collect(Collectors.joining(", "));
    }

    private static Set<List<Object>> signatures(List<Function> functions) {
        Set<List<Object>> signatures = new HashSet<>();
        functions.stream()
                .filter(function -> function.schema().equals("pg_catalog"))
                .forEach(function -> signatures.add(List.of(function.name(), function.arguments())));
        return signatures;
    }
}
