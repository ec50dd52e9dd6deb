package io.pgconvoy.catalog;

import io.pgconvoy.config.ByteSize;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.postgres.OpenMark;
import io.pgconvoy.postgres.Row;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Asks a server for its databases. */
public final class DatabaseCatalog {
    private DatabaseCatalog() {}

    /** The same as {@link #list(Session)}, in a session of its own. */
    public static List<DatabaseProperties> list(Server server) {
        try (Session session = server.session("listing databases")) {
            return list(session);
        }
    }

    /**
     * All databases by name: templates, those that refuse connections and half deleted ones are among them. What a run of
     * this program, this one or another, holds open just now counts as it was before.
     */
    public static List<DatabaseProperties> list(Session session) {
        return list(session, "");
    }

    /** One of them: to ask for all takes as long as there are databases, whose files are looked at for their sizes. */
    public static Optional<DatabaseProperties> find(Session session, DatabaseName name) {
        record Named(long oid, String name) {}
        return session
                .list(
                        "SELECT d.oid, " + SharedText.bytes(session, "d.datname")
                                + " AS datname FROM pg_catalog.pg_database AS d",
                        row -> new Named(row.getLong("oid"), SharedText.name(row, "datname")))
                .stream()
                .filter(database -> database.name().equals(name.value()))
                .flatMap(database -> list(session, "WHERE d.oid = " + database.oid()).stream())
                .findFirst();
    }

    private static List<DatabaseProperties> list(Session session, String condition) {
        Map<Long, List<AclEntry>> acls = AclReader.read(session, """
                SELECT d.oid, COALESCE(d.datacl, pg_catalog.acldefault('d', d.datdba))
                FROM pg_catalog.pg_database AS d
                """ + condition);
        // Before and after, since it may be opened or closed in between.
        Map<Long, Integer> limitsBefore = new HashMap<>(OpenMark.limitsBefore(session));
        List<DatabaseProperties> databases = session.list(
                query(session, condition), row -> properties(row, acls.getOrDefault(row.getLong("oid"), List.of())));
        limitsBefore.putAll(OpenMark.limitsBefore(session));
        return databases.stream()
                .map(database -> Optional.ofNullable(limitsBefore.get(database.oid()))
                        .map(limit -> database.withConnections(false, limit))
                        .orElse(database))
                .toList();
    }

    private static DatabaseProperties properties(Row row, List<AclEntry> acl) {
        return new DatabaseProperties(
                new DatabaseName(SharedText.name(row, "datname")),
                row.getLong("oid"),
                new ByteSize(row.getLong("size")),
                SharedText.name(row, "owner"),
                row.getString("encoding"),
                row.getString("datcollate"),
                row.getString("datctype"),
                LocaleProvider.ofCatalog(row.getString("provider")),
                row.text("locale"),
                row.text("icu_rules"),
                SharedText.name(row, "spcname"),
                row.getInt("datconnlimit"),
                row.getBoolean("datistemplate"),
                row.getBoolean("datallowconn"),
                acl,
                SharedText.read(row, "comment"));
    }

    private static String query(Session session, String condition) {
        ServerVersion version = session.version();
        String locale = "NULL";
        if (version.isAtLeast(ServerVersion.V17)) {
            locale = "d.datlocale";
        } else if (version.isAtLeast(ServerVersion.V15)) {
            locale = "d.daticulocale";
        }
        // pg_database_size() is an error, not a null, for who may not connect; members of this role always may ask.
        String statistician =
                version.isAtLeast(ServerVersion.V10) ? "OR pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE')" : "";
        return """
        SELECT d.oid, %s AS datname, d.datcollate, d.datctype, d.datconnlimit, d.datistemplate, d.datallowconn,
               %s AS owner,
               pg_catalog.pg_encoding_to_char(d.encoding) AS encoding,
               %s AS provider,
               %s AS locale,
               %s AS icu_rules,
               %s AS spcname,
               %s AS comment,
               CASE WHEN d.datconnlimit <> -2
                         AND (pg_catalog.has_database_privilege(d.oid, 'CONNECT') %s)
                    THEN pg_catalog.pg_database_size(d.oid) END AS size
        FROM pg_catalog.pg_database AS d
        JOIN pg_catalog.pg_tablespace AS t ON t.oid = d.dattablespace
        %s
        ORDER BY d.datname
        """.formatted(
                        SharedText.bytes(session, "d.datname"),
                        SharedText.bytes(session, "pg_catalog.pg_get_userbyid(d.datdba)"),
                        version.isAtLeast(ServerVersion.V15) ? "d.datlocprovider" : "'c'",
                        locale,
                        version.isAtLeast(ServerVersion.V16) ? "d.daticurules" : "NULL",
                        SharedText.bytes(session, "t.spcname"),
                        SharedText.bytes(session, "pg_catalog.shobj_description(d.oid, 'pg_database')"),
                        statistician,
                        condition);
    }
}
