package io.pgconvoy.preflight;

import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Casts that users made between built-in types and that the target has built in, such as jsonb to numbers since 11. */
final class BuiltinCastsCheck implements DatabaseCheck {
    private final BuiltinComparison builtins;

    BuiltinCastsCheck(BuiltinComparison builtins) {
        this.builtins = builtins;
    }

    @Override
    public String name() {
        return "builtin-casts";
    }

    @Override
    public List<Finding> run(Situation situation, SourceDatabase database) throws SQLException {
        Set<List<String>> there = new HashSet<>();
        builtins.target(situation).casts().forEach(cast -> there.add(List.of(cast.from(), cast.to())));
        List<Place> places = new ArrayList<>();
        try (Statement statement = database.connection().createStatement();
                ResultSet row = statement.executeQuery("""
                        SELECT sn.nspname || '.' || s.typname, tn.nspname || '.' || t.typname, i.type || ' ' || i.identity
                          FROM pg_cast c
                          JOIN pg_type s ON s.oid = c.castsource
                          JOIN pg_namespace sn ON sn.oid = s.typnamespace
                          JOIN pg_type t ON t.oid = c.casttarget
                          JOIN pg_namespace tn ON tn.oid = t.typnamespace
                         CROSS JOIN LATERAL pg_identify_object('pg_cast'::regclass, c.oid, 0) AS i
                         WHERE c.oid >= 16384
                           AND NOT EXISTS (SELECT FROM pg_depend d
                                            WHERE d.classid = 'pg_cast'::regclass AND d.objid = c.oid
                                              AND d.deptype = 'e')
                         ORDER BY 3
                        """)) {
            while (row.next()) {
                if (there.contains(List.of(row.getString(1), row.getString(2)))) {
                    places.add(Place.of(database.name(), row.getString(3)));
                }
            }
        }
        return RestoreErrors.findings(
                this,
                situation,
                "casts that PostgreSQL " + situation.target().version().majorText()
                        + " has built in cannot be created again",
                places,
                "DROP CAST on the source before, where nothing there depends on it; else move with --allow-restore-errors,"
                        + " and mind that the built-in cast may be stricter.");
    }
}
