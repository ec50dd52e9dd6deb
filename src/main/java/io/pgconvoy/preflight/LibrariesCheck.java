package io.pgconvoy.preflight;

import io.pgconvoy.postgres.Sql;
import io.pgconvoy.preflight.Finding.Place;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * C functions outside of extensions whose library the target cannot load: modules installed by script, as was usual before
 * 9.1, or the user's own. Like pg_upgrade, this has a session of the target load each one, and ends that session.
 */
final class LibrariesCheck implements DatabaseCheck {
    private final Map<String, Boolean> loadable = new HashMap<>();

    @Override
    public String name() {
        return "libraries";
    }

    @Override
    public List<Finding> run(Situation situation, SourceDatabase database) throws SQLException {
        if (!situation.target().status().superuser()) {
            return List.of(); // Others may load only from one folder, and may create no C functions either.
        }
        List<Place> places = new ArrayList<>();
        // Handlers of languages in pg_catalog are made with the language; see LanguagesCheck.
        try (Statement statement = database.connection().createStatement();
                ResultSet row = statement.executeQuery("""
                        SELECT i.identity, p.probin
                          FROM pg_proc p
                          JOIN pg_language l ON l.oid = p.prolang
                          JOIN pg_namespace n ON n.oid = p.pronamespace
                         CROSS JOIN LATERAL pg_identify_object('pg_proc'::regclass, p.oid, 0) AS i
                         WHERE l.lanname = 'c' AND p.oid >= 16384 AND n.nspname <> 'pg_catalog'
                           AND NOT EXISTS (SELECT FROM pg_depend d
                                            WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid
                                              AND d.deptype = 'e')
                         ORDER BY 1
                        """)) {
            while (row.next()) {
                String library = row.getString(2);
                if (!loads(situation, library)) {
                    places.add(Place.of(database.name(), "function " + row.getString(1) + " (" + library + ")"));
                }
            }
        }
        return RestoreFailure.findings(
                this,
                situation,
                situation.target().label() + " cannot load the libraries of C functions",
                places,
                "Install the libraries there, built for PostgreSQL "
                        + situation.target().version().majorText()
                        + ", or drop the functions on the source before; where a module has become an extension, CREATE"
                        + " EXTENSION on the target instead.");
    }

    private boolean loads(Situation situation, String library) throws SQLException {
        Boolean known = loadable.get(library);
        if (known == null) {
            try (Connection connection = situation.target().server().open();
                    Statement statement = connection.createStatement()) {
                known = load(statement, library);
            }
            loadable.put(library, known);
        }
        return known;
    }

    private static boolean load(Statement statement, String library) {
        try {
            statement.execute("LOAD " + Sql.literal(library));
            return true;
        } catch (SQLException refused) {
            return false;
        }
    }
}
