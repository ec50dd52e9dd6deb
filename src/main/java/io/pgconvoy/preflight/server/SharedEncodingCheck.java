package io.pgconvoy.preflight.server;

import io.pgconvoy.catalog.SharedText;
import io.pgconvoy.config.RawText;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.ServerCheck;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Names, comments, settings and labels in the catalogs that all databases share, whose bytes are no UTF-8: they were written
 * in a database of another encoding, which nothing in the catalogs tells. They arrive as the bytes they are, but for names of
 * databases, which nobody could connect to.
 */
public final class SharedEncodingCheck extends ServerCheck {
    private static final String SETTING = "setting ";
    private static final String DATABASE = "database";

    public SharedEncodingCheck() {
        super(
                "shared-encodings",
                "note, blocker",
                "names, comments and settings of roles, databases and tablespaces that were written in a"
                        + " database of another encoding than UTF-8: they arrive byte by byte, by way of a"
                        + " database of encoding LATIN1 that the target gets for a moment. A blocker: databases"
                        + " whose own names are no UTF-8");
    }

    @Override
    public List<Finding> run(CheckContext context) {
        Set<String> selected = Set.copyOf(context.names());
        List<Place> places = new ArrayList<>();
        List<Place> databases = new ArrayList<>();
        Session session = context.onSource();
        session.each(query(session), row -> {
            String text = SharedText.read(row, 3).orElse("");
            if (RawText.isRaw(text)) {
                String what = row.getString(1);
                if (!what.equals(DATABASE)) {
                    places.add(Place.of(place(what, SharedText.name(row, 2), text)));
                } else if (selected.contains(text)) {
                    databases.add(Place.of("database \"" + text + "\""));
                }
            }
        });
        return onSource(
                blocker(
                                "names of databases are not in UTF-8, so that no driver can ask for them",
                                "ALTER DATABASE ... RENAME TO on the source, from a database of the encoding that the name was"
                                        + " written in; or leave them out with --exclude-db, with ? or * for such a byte.")
                        .at(databases),
                note(
                                "texts that all databases share are not in UTF-8; they arrive as the bytes they are",
                                "They were written in a database of another encoding. For that the target gets a database of"
                                        + " encoding LATIN1, for a moment; its user must be allowed to create one.")
                        .at(places));
    }

    /** A setting's value may be a secret. */
    private static String place(String what, String name, String text) {
        return what.startsWith(SETTING)
                ? SETTING + text.split("=", 2)[0] + what.substring(SETTING.length()) + " \"" + name + "\""
                : what + " \"" + name + "\"" + (name.equals(text) ? "" : ": " + text);
    }

    /** What it is, of which object, and the text. */
    private static String query(Session session) {
        String role = SharedText.bytes(session, "o.rolname");
        String database = SharedText.bytes(session, "o.datname");
        String tablespace = SharedText.bytes(session, "o.spcname");
        return """
                SELECT 'role', %1$s, %1$s FROM pg_roles AS o
                UNION ALL SELECT 'database', %2$s, %2$s FROM pg_database AS o
                UNION ALL SELECT 'tablespace', %3$s, %3$s FROM pg_tablespace AS o
                UNION ALL SELECT 'location of tablespace', %3$s, %4$s FROM pg_tablespace AS o
                UNION ALL SELECT 'comment on role', %1$s, %5$s FROM pg_roles AS o
                UNION ALL SELECT 'comment on database', %2$s, %6$s FROM pg_database AS o
                UNION ALL SELECT 'comment on tablespace', %3$s, %7$s FROM pg_tablespace AS o
                UNION ALL SELECT 'security label of provider', %8$s, %9$s FROM pg_shseclabel AS o
                UNION ALL
                SELECT 'setting ' || CASE WHEN s.setrole = 0 THEN ' of database' ELSE ' of role' END, %10$s, %11$s
                  FROM pg_db_role_setting AS s
                  LEFT JOIN pg_roles AS r ON r.oid = s.setrole
                  LEFT JOIN pg_database AS d ON d.oid = s.setdatabase
                 CROSS JOIN LATERAL unnest(s.setconfig) AS c (setting)
                """.formatted(
                        role,
                        database,
                        tablespace,
                        SharedText.bytes(session, "pg_tablespace_location(o.oid)"),
                        SharedText.bytes(session, "shobj_description(o.oid, 'pg_authid')"),
                        SharedText.bytes(session, "shobj_description(o.oid, 'pg_database')"),
                        SharedText.bytes(session, "shobj_description(o.oid, 'pg_tablespace')"),
                        SharedText.bytes(session, "o.provider"),
                        SharedText.bytes(session, "o.label"),
                        SharedText.bytes(session, "COALESCE(r.rolname, d.datname, 'ALL')"),
                        SharedText.bytes(session, "c.setting"));
    }
}
