package io.pgconvoy.preflight.server;

import io.pgconvoy.catalog.Setting;
import io.pgconvoy.catalog.SettingCatalog;
import io.pgconvoy.catalog.SettingValues;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.model.Announced;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.SqlFailure;
import io.pgconvoy.postgres.SqlState;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.ServerCheck;
import io.pgconvoy.preflight.ServerSession;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Settings of roles and databases that the target does not know any more, or whose value it refuses; each is left out alone.
 * Names with a dot are an extension's or an application's own, which every server takes.
 */
public final class SettingNameCheck extends ServerCheck {
    public SettingNameCheck() {
        super(
                Announced.UNKNOWN_SETTINGS.check(),
                "warning",
                "settings of roles and databases that the target does not know, or whose value it refuses");
    }

    @Override
    public List<Finding> run(CheckContext context) {
        Set<String> moved = new HashSet<>(context.names());
        Map<String, Boolean> known = new HashMap<>();
        SettingValues values = new SettingValues();
        List<Place> places = new ArrayList<>();
        for (Setting setting : SettingCatalog.list(context.onSource())) {
            boolean arrives = setting.database()
                    .map(DatabaseName::value)
                    .map(moved::contains)
                    .orElse(context.config().migrateGlobals());
            if (arrives && !setting.name().contains(".")) {
                String name = Setting.nameOn(context.target().version(), setting.name());
                Boolean there = known.get(name);
                if (there == null) {
                    there = isKnown(context.target(), name);
                    known.put(name, there);
                }
                if (!there || values.areRefused(context.onTarget(), name, setting.value())) {
                    places.add(place(setting));
                }
            }
        }
        return onSource(warning(
                        "settings of roles and databases are unknown to the target, or have values that it refuses, and are"
                                + " left out",
                        "Look for what replaces them in the release notes; RESET those on the source that nobody"
                                + " needs.")
                .at(places));
    }

    private static Place place(Setting setting) {
        String role = setting.role().map(name -> " of role \"" + name + "\"").orElse("");
        if (setting.database().isPresent()) {
            return Place.of(setting.database().get(), setting.name() + role);
        }
        return Place.of(setting.name() + (role.isEmpty() ? " of all roles" : role));
    }

    private static boolean isKnown(ServerSession target, String name) {
        if (!target.version().isAtLeast(ServerVersion.V9_6)) {
            return target.session().flag("SELECT EXISTS (SELECT FROM pg_settings WHERE lower(name) = lower(?))", name);
        }
        try {
            // It also knows old names of settings that were renamed, as ALTER ROLE SET does.
            return target.session()
                    .text("SELECT current_setting(?, true)", name)
                    .isPresent();
        } catch (SqlFailure failure) {
            if (SqlState.isPrivilege(failure)) {
                // It is there, and not for everybody to see.
                return true;
            }
            throw failure;
        }
    }
}
