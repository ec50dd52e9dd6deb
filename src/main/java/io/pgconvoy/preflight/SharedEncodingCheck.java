package io.pgconvoy.preflight;

import io.pgconvoy.catalog.SharedText;
import io.pgconvoy.config.Side;
import io.pgconvoy.postgres.RawEncoding;
import io.pgconvoy.preflight.Finding.Place;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Names, comments, settings and labels in the catalogs that all databases share, whose bytes are no UTF-8: they were written
 * in a database of another encoding, which nothing in the catalogs tells. They are left out rather than guessed at.
 */
final class SharedEncodingCheck implements ServerCheck {
    private static final String SETTING = "setting ";

    @Override
    public String name() {
        return "shared-encodings";
    }

    @Override
    public List<Finding> run(Situation situation) throws SQLException {
        List<Place> places = new ArrayList<>();
        try (Statement statement = situation.source().connection().createStatement();
                ResultSet row = statement.executeQuery(query(statement))) {
            while (row.next()) {
                byte[] text = row.getBytes(3);
                if (text != null && RawEncoding.utf8(text).isEmpty()) {
                    places.add(Place.of(place(row.getString(1), row.getBytes(2), text)));
                }
            }
        }
        return places.isEmpty()
                ? List.of()
                : List.of(Finding.warning(
                                this,
                                "texts that all databases share are not in UTF-8, so they are left out",
                                "They were written in a database of another encoding. Write them anew on the source in a"
                                        + " database of encoding UTF8, or on the target afterwards.")
                        .on(Side.SOURCE)
                        .at(places));
    }

    /** A setting's value may be a secret. */
    private static String place(String what, byte[] object, byte[] text) {
        String name = RawEncoding.utf8(object).orElseGet(() -> RawEncoding.printed(object));
        String bytes = RawEncoding.printed(text);
        return what.startsWith(SETTING)
                ? SETTING + bytes.split("=", 2)[0] + what.substring(SETTING.length()) + " \"" + name + "\""
                : what + " \"" + name + "\": " + bytes;
    }

    /** What it is, of which object, and the text. */
    private static String query(Statement statement) throws SQLException {
        return """
                SELECT 'role', %1$s, %1$s FROM pg_roles AS o
                UNION ALL SELECT 'database', %2$s, %2$s FROM pg_database AS o
                UNION ALL SELECT 'tablespace', %3$s, %3$s FROM pg_tablespace AS o
                UNION ALL SELECT 'location of tablespace', %3$s, %4$s FROM pg_tablespace AS o
                UNION ALL SELECT 'comment on role', %1$s, %5$s FROM pg_roles AS o
                UNION ALL SELECT 'comment on database', %2$s, %6$s FROM pg_database AS o
                UNION ALL SELECT 'comment on tablespace', %3$s, %7$s FROM pg_tablespace AS o
                UNION ALL SELECT 'security label of provider', %8$s, %9$s FROM pg_shseclabel AS o
                """.formatted(
                                SharedText.bytes(statement, "o.rolname"),
                                SharedText.bytes(statement, "o.datname"),
                                SharedText.bytes(statement, "o.spcname"),
                                SharedText.bytes(statement, "pg_tablespace_location(o.oid)"),
                                SharedText.bytes(statement, "shobj_description(o.oid, 'pg_authid')"),
                                SharedText.bytes(statement, "shobj_description(o.oid, 'pg_database')"),
                                SharedText.bytes(statement, "shobj_description(o.oid, 'pg_tablespace')"),
                                SharedText.bytes(statement, "o.provider"),
                                SharedText.bytes(statement, "o.label"))
                + settings(statement);
    }

    private static String settings(Statement statement) throws SQLException {
        return """
                UNION ALL
                SELECT 'setting ' || CASE WHEN s.setrole = 0 THEN ' of database' ELSE ' of role' END, %s, %s
                  FROM pg_db_role_setting AS s
                  LEFT JOIN pg_roles AS r ON r.oid = s.setrole
                  LEFT JOIN pg_database AS d ON d.oid = s.setdatabase
                 CROSS JOIN LATERAL unnest(s.setconfig) AS c (setting)
                """.formatted(
                        SharedText.bytes(statement, "COALESCE(r.rolname, d.datname, 'ALL')"),
                        SharedText.bytes(statement, "c.setting"));
    }
}
