package io.pgconvoy.preflight.removed;

import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.DatabaseCheck;
import io.pgconvoy.preflight.Sign;
import io.pgconvoy.preflight.SourceDatabase;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Whether functions in the language "internal" stand for C functions that the target's server program does not have. */
public final class InternalFunctionsCheck extends DatabaseCheck {
    private final BuiltinComparison builtins;

    public InternalFunctionsCheck(BuiltinComparison builtins) {
        super(
                "internal-functions",
                "blocker\\*",
                "any two versions: functions in the language internal for C functions that the target"
                        + " does not have");
        this.builtins = builtins;
    }

    @Override
    public List<Sign> signs(CheckContext context) {
        return List.of(Sign.FUNCTIONS);
    }

    @Override
    public List<Finding> run(CheckContext context, SourceDatabase database) {
        Set<String> there = Set.copyOf(builtins.target(context).internalSources());
        List<Place> places = database.places(
                """
                        SELECT i.identity, p.prosrc
                          FROM pg_proc p
                          JOIN pg_language l ON l.oid = p.prolang
                         CROSS JOIN LATERAL pg_identify_object('pg_proc'::regclass, p.oid, 0) AS i
                         WHERE l.lanname = 'internal' AND p.oid >= 16384
                           AND NOT EXISTS (SELECT FROM pg_aggregate a WHERE a.aggfnoid = p.oid)
                           AND NOT EXISTS (SELECT FROM pg_depend d
                                            WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid
                                              AND d.deptype IN ('e', 'i'))
                         ORDER BY 1
                        """,
                row -> Optional.of("function " + row.getString(1) + " (" + row.getString(2) + ")")
                        .filter(object -> !there.contains(row.getString(2))));
        return found(refused(
                        context,
                        "functions in the language internal stand for C functions that PostgreSQL "
                                + context.target().version().majorText() + " does not have",
                        "Drop them on the source before, or write them in another language.")
                .at(places));
    }
}
