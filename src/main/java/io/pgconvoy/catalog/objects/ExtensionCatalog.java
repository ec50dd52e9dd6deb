package io.pgconvoy.catalog.objects;

import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which extensions a database has and which a server offers. */
public final class ExtensionCatalog {
    private ExtensionCatalog() {}

    /**
     * An extension in a database.
     *
     * @param schema where its objects are, if it is relocatable
     */
    public record Installed(String name, String version, String schema) {}

    /**
     * An extension that a server offers, in its default version, which is the one that CREATE EXTENSION installs without
     * being told.
     *
     * @param schema the only one it may be in, if its author decided so
     * @param requires extensions that must be there before
     * @param superuser whether only a superuser may create it, though a trusted one may be created by a database's owner
     * @param trusted since 13
     * @see <a href="https://www.postgresql.org/docs/current/view-pg-available-extension-versions.html">
     *     pg_available_extension_versions</a>
     */
    public record Available(
            String name,
            String version,
            Optional<String> schema,
            List<String> requires,
            boolean superuser,
            boolean trusted) {
        public Available {
            requires = List.copyOf(requires);
        }
    }

    /** A database's extensions by name. */
    public static List<Installed> installed(Session session) {
        return session.list("""
                SELECT e.extname, e.extversion, n.nspname
                  FROM pg_catalog.pg_extension AS e
                  JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace
                 ORDER BY e.extname
                """, row -> new Installed(row.getString(1), row.getString(2), row.getString(3)));
    }

    /** What a server offers, by name. */
    public static Map<String, Available> available(Session session) {
        // A control file without a script for its default version has no row among the versions, and cannot be created.
        String query = """
                SELECT v.name, v.version, v.schema, v.requires, v.superuser, %s
                  FROM pg_catalog.pg_available_extensions AS e
                  JOIN pg_catalog.pg_available_extension_versions AS v
                    ON v.name = e.name AND v.version = e.default_version
                """.formatted(session.version().isAtLeast(ServerVersion.V13) ? "v.trusted" : "false");
        Map<String, Available> extensions = new LinkedHashMap<>();
        session.each(
                query,
                row -> extensions.put(
                        row.getString(1),
                        new Available(
                                row.getString(1),
                                row.getString(2),
                                row.text(3),
                                row.texts(4),
                                row.getBoolean(5),
                                row.getBoolean(6))));
        return extensions;
    }
}
