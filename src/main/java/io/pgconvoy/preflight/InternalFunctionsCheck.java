package io.pgconvoy.preflight;

import io.pgconvoy.catalog.Builtins;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Whether functions in the language "internal" stand for C functions that the target's server program does not have. */
final class InternalFunctionsCheck implements DatabaseCheck {
    private final BuiltinComparison builtins;

    InternalFunctionsCheck(BuiltinComparison builtins) {
        this.builtins = builtins;
    }

    @Override
    public String name() {
        return "internal-functions";
    }

    @Override
    public List<Finding> run(Situation situation, SourceDatabase database) throws SQLException {
        Builtins target = builtins.target(situation);
        Set<String> there = new HashSet<>(target.internalSources());
        List<Place> places = new ArrayList<>();
        try (Statement statement = database.connection().createStatement();
                ResultSet row = statement.executeQuery("""
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
                        """)) {
            while (row.next()) {
                if (!there.contains(row.getString(2))) {
                    places.add(
                            Place.of(database.name(), "function " + row.getString(1) + " (" + row.getString(2) + ")"));
                }
            }
        }
        return RestoreErrors.findings(
                this,
                situation,
                "functions in the language internal stand for C functions that PostgreSQL "
                        + situation.target().version().majorText() + " does not have",
                places,
                "Drop them on the source before, or write them in another language.");
    }
}
