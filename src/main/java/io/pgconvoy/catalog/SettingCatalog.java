package io.pgconvoy.catalog;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.postgres.Session;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Asks a server for the settings of its roles and databases. */
public final class SettingCatalog {
    private SettingCatalog() {}

    /** The names of all settings that the server knows by itself, in lower case. */
    public static Set<String> known(Session session) {
        return new HashSet<>(session.texts("SELECT pg_catalog.lower(name) FROM pg_catalog.pg_settings"));
    }

    /** All rows of pg_db_role_setting, by database and role (those of all first), each in the order it was set. */
    public static List<Setting> list(Session session) {
        String sql = """
                SELECT %s, %s, %s
                FROM pg_catalog.pg_db_role_setting AS s
                LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = s.setrole
                LEFT JOIN pg_catalog.pg_database AS d ON d.oid = s.setdatabase
                CROSS JOIN LATERAL pg_catalog.unnest(s.setconfig) WITH ORDINALITY AS c (setting, position)
                WHERE (s.setrole = 0 OR r.oid IS NOT NULL) AND (s.setdatabase = 0 OR d.oid IS NOT NULL)
                ORDER BY d.datname NULLS FIRST, r.rolname NULLS FIRST, c.position
                """.formatted(
                        SharedText.bytes(session, "r.rolname"),
                        SharedText.bytes(session, "d.datname"),
                        SharedText.bytes(session, "c.setting"));
        List<Setting> settings = new ArrayList<>();
        session.each(sql, row -> {
            String text = SharedText.name(row, 3);
            int equals = text.indexOf('=');
            if (equals > 0) {
                settings.add(new Setting(
                        SharedText.read(row, 1),
                        SharedText.read(row, 2).map(DatabaseName::new),
                        text.substring(0, equals),
                        text.substring(equals + 1)));
            }
        });
        return settings;
    }
}
