package io.pgconvoy.preflight.removed;

import io.pgconvoy.catalog.objects.Builtins.Function;
import io.pgconvoy.model.Finding;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.DatabaseCheck;
import io.pgconvoy.preflight.Sign;
import io.pgconvoy.preflight.SourceDatabase;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Functions that users made and that the target has built in, with the same name and arguments (gen_random_uuid() since 13):
 * a call without the schema's name reaches the built-in one there, as pg_catalog is searched first.
 */
public final class NewBuiltinsCheck extends DatabaseCheck {
    private final BuiltinComparison builtins;
    private Set<List<Object>> added;

    public NewBuiltinsCheck(BuiltinComparison builtins) {
        super(
                "new-builtins",
                "note",
                "any two versions: functions of users that the target has built in with the same"
                        + " arguments: calls without a schema reach that one");
        this.builtins = builtins;
    }

    @Override
    public List<Sign> signs(CheckContext context) {
        return List.of(Sign.FUNCTIONS);
    }

    @Override
    public List<Finding> run(CheckContext context, SourceDatabase database) {
        if (added == null) {
            added = signatures(builtins.target(context).functions());
            added.removeAll(signatures(builtins.source(context).functions()));
        }
        if (added.isEmpty()) {
            return List.of();
        }
        List<String> shadowed = database
                .list(
                        """
                        SELECT p.proname, n.nspname, p.oid,
                               ARRAY(SELECT tn.nspname || '.' || t.typname
                                       FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS a (type, position)
                                       JOIN pg_type t ON t.oid = a.type
                                       JOIN pg_namespace tn ON tn.oid = t.typnamespace
                                      ORDER BY a.position)
                          FROM pg_proc p
                          JOIN pg_namespace n ON n.oid = p.pronamespace
                         WHERE p.proname = ANY (?) AND {made pg_proc p.oid}
                         ORDER BY 2, 1
                        """,
                        row -> new Function(row.getLong(3), row.getString(2), row.getString(1), row.texts(4), 0),
                        added.stream()
                                .map(signature -> signature.get(0))
                                .distinct()
                                .toList())
                .stream()
                .filter(function -> added.contains(List.of(function.name(), function.arguments())))
                .map(RemovedBuiltins::label)
                .toList();
        return found(note(
                        "PostgreSQL " + context.target().version().majorText()
                                + " has functions of the same names and arguments built in, which calls without a schema"
                                + " reach there",
                        "Where the two do not do the same, write the schema's name in the calls.")
                .at(database.places(shadowed)));
    }

    private static Set<List<Object>> signatures(List<Function> functions) {
        Set<List<Object>> signatures = new HashSet<>();
        functions.stream()
                .filter(function -> function.schema().equals("pg_catalog"))
                .forEach(function -> signatures.add(List.of(function.name(), function.arguments())));
        return signatures;
    }
}
