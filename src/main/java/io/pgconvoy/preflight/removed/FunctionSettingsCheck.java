package io.pgconvoy.preflight.removed;

import io.pgconvoy.catalog.SettingValues;
import io.pgconvoy.model.Finding;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.DatabaseCheck;
import io.pgconvoy.preflight.Sign;
import io.pgconvoy.preflight.SourceDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * Functions with a SET of something that the target does not know: their CREATE FUNCTION fails. A name with a dot may be
 * anything; libraries and applications make those up.
 */
public final class FunctionSettingsCheck extends DatabaseCheck {
    /** Not in pg_settings, but a SET of them in a function is fine. */
    private static final Set<String> SPECIAL = Set.of("session_authorization", "role", "is_superuser", "seed");

    private final SettingValues values = new SettingValues();
    private Set<String> known;

    public FunctionSettingsCheck() {
        super(
                "function-settings",
                "blocker\\*",
                "any two versions: functions with a SET of something that the target does not know, or"
                        + " to a value that it refuses (client_min_messages = fatal, a time zone that is gone,"
                        + " default_with_oids = on)");
    }

    @Override
    public List<Sign> signs(CheckContext context) {
        return List.of(Sign.FUNCTIONS);
    }

    @Override
    public List<Finding> run(CheckContext context, SourceDatabase database) {
        List<String> refused = new ArrayList<>();
        for (List<String> row : database.list("""
                SELECT i.type || ' ' || i.identity, c.setting
                  FROM pg_proc p
                 CROSS JOIN LATERAL unnest(p.proconfig) AS c (setting)
                 CROSS JOIN LATERAL pg_identify_object('pg_proc'::regclass, p.oid, 0) AS i
                 WHERE {made pg_proc p.oid}
                 ORDER BY 1, 2
                """, row -> List.of(row.getString(1), row.getString(2)))) {
            String setting = row.get(1);
            String name = setting.substring(0, Math.max(0, setting.indexOf('=')));
            if (name.indexOf('.') < 0 && !takes(context, name, setting.substring(name.length() + 1))) {
                refused.add(row.get(0) + " (" + setting + ")");
            }
        }
        return found(refused(
                        context,
                        "functions SET something that PostgreSQL "
                                + context.target().version().majorText() + " does not accept",
                        "ALTER FUNCTION ... RESET the_setting on the source before.")
                .at(database.places(refused)));
    }

    private boolean takes(CheckContext context, String name, String value) {
        return knows(context, name) && !values.areRefused(context.onTarget(), name, value);
    }

    /** The name is in any case, as the user wrote it. */
    private boolean knows(CheckContext context, String name) {
        if (known == null) {
            known = new TreeSet<>(SPECIAL);
            // Not in pg_settings: those that are hidden, such as default_with_oids. A SHOW of them works.
            known.add("default_with_oids");
            known.addAll(context.onTarget().texts("SELECT lower(name) FROM pg_settings"));
        }
        return known.contains(name.toLowerCase(Locale.ROOT));
    }
}
