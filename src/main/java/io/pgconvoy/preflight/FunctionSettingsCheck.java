package io.pgconvoy.preflight;

import io.pgconvoy.catalog.SettingValues;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * Functions with a SET of something that the target does not know: their CREATE FUNCTION fails. A name with a dot may be
 * anything; libraries and applications make those up.
 */
final class FunctionSettingsCheck implements DatabaseCheck {
    /** Not in pg_settings, but a SET of them in a function is fine. */
    private static final Set<String> SPECIAL = Set.of("session_authorization", "role", "is_superuser", "seed");

    private final SettingValues values = new SettingValues();
    private Set<String> known;

    @Override
    public String name() {
        return "function-settings";
    }

    @Override
    public List<Finding> run(Situation situation, SourceDatabase database) throws SQLException {
        List<Place> places = new ArrayList<>();
        try (Statement statement = database.connection().createStatement();
                ResultSet row = statement.executeQuery("""
                        SELECT i.type || ' ' || i.identity, c.setting
                          FROM pg_proc p
                         CROSS JOIN LATERAL unnest(p.proconfig) AS c (setting)
                         CROSS JOIN LATERAL pg_identify_object('pg_proc'::regclass, p.oid, 0) AS i
                         WHERE p.oid >= 16384
                           AND NOT EXISTS (SELECT FROM pg_depend d
                                            WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid
                                              AND d.deptype = 'e')
                         ORDER BY 1, 2
                        """)) {
            while (row.next()) {
                String setting = row.getString(2);
                String name = setting.substring(0, Math.max(0, setting.indexOf('=')));
                if (name.indexOf('.') < 0 && !takes(situation, name, setting.substring(name.length() + 1))) {
                    places.add(Place.of(database.name(), row.getString(1) + " (" + setting + ")"));
                }
            }
        }
        return RestoreErrors.findings(
                this,
                situation,
                "functions SET something that PostgreSQL "
                        + situation.target().version().majorText() + " does not accept",
                places,
                "ALTER FUNCTION ... RESET the_setting on the source before.");
    }

    private boolean takes(Situation situation, String name, String value) throws SQLException {
        return knows(situation, name) && !values.areRefused(situation.target().connection(), name, value);
    }

    /** The name is in any case, as the user wrote it. */
    private boolean knows(Situation situation, String name) throws SQLException {
        if (known == null) {
            known = new TreeSet<>(SPECIAL);
            // Not in pg_settings: those that are hidden, such as default_with_oids. A SHOW of them works.
            known.add("default_with_oids");
            try (Statement statement = situation.target().connection().createStatement();
                    ResultSet row = statement.executeQuery("SELECT lower(name) FROM pg_settings")) {
                while (row.next()) {
                    known.add(row.getString(1));
                }
            }
        }
        return known.contains(name.toLowerCase(Locale.ROOT));
    }
}
