package io.pgconvoy.preflight.removed;

import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.DatabaseCheck;
import io.pgconvoy.preflight.Sign;
import io.pgconvoy.preflight.SourceDatabase;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Casts that users made between built-in types and that the target has built in, such as jsonb to numbers since 11. */
public final class BuiltinCastsCheck extends DatabaseCheck {
    private final BuiltinComparison builtins;

    public BuiltinCastsCheck(BuiltinComparison builtins) {
        super(
                "builtin-casts",
                "blocker\\*",
                "any two versions: casts of users that the target has built in (jsonb to integer)");
        this.builtins = builtins;
    }

    @Override
    public List<Sign> signs(CheckContext context) {
        return List.of(Sign.made("pg_cast"));
    }

    @Override
    public List<Finding> run(CheckContext context, SourceDatabase database) {
        Set<List<String>> there = builtins.target(context).casts().stream()
                .map(cast -> List.of(cast.from(), cast.to()))
                .collect(Collectors.toSet());
        List<Place> places = database.places(
                """
                        SELECT sn.nspname || '.' || s.typname, tn.nspname || '.' || t.typname, i.type || ' ' || i.identity
                          FROM pg_cast c
                          JOIN pg_type s ON s.oid = c.castsource
                          JOIN pg_namespace sn ON sn.oid = s.typnamespace
                          JOIN pg_type t ON t.oid = c.casttarget
                          JOIN pg_namespace tn ON tn.oid = t.typnamespace
                         CROSS JOIN LATERAL pg_identify_object('pg_cast'::regclass, c.oid, 0) AS i
                         WHERE {made pg_cast c.oid}
                         ORDER BY 3
                        """, row -> row.text(3).filter(object -> there.contains(List.of(row.getString(1), row.getString(2)))));
        return found(refused(
                        context,
                        "casts that PostgreSQL " + context.target().version().majorText()
                                + " has built in cannot be created again",
                        "DROP CAST on the source before, where nothing there depends on it; else move with --allow-restore-errors,"
                                + " and mind that the built-in cast may be stricter.")
                .at(places));
    }
}
