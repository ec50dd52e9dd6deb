package io.pgconvoy.preflight;

import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.postgres.ServerVersion;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Libraries of C functions that no extension made. pg_upgrade loads each of them; LOAD runs the library's own code inside
 * the target, where a crash takes all sessions along, so this only looks whether the file is there: a list of the library
 * folders, for which a superuser may ask.
 *
 * @see <a href="https://www.postgresql.org/docs/current/xfunc-c.html#XFUNC-C-DYNLOAD">Dynamic Loading</a>
 */
final class LibraryCheck implements DatabaseCheck {
    private final Map<String, Boolean> present = new HashMap<>();
    private Optional<Set<String>> files = Optional.empty();

    @Override
    public String name() {
        return "libraries";
    }

    @Override
    public List<Finding> run(Situation situation, SourceDatabase database) throws SQLException {
        Map<String, List<String>> functions = functionsByLibrary(database);
        if (functions.isEmpty()) {
            return List.of();
        }
        if (!situation.target().status().superuser()) {
            return List.of(Finding.warning(
                            name(),
                            "functions in C can be created by superusers only, which "
                                    + situation.target().status().user() + " is not on the target",
                            "Connect to the target as a superuser, or drop them on the source.")
                    .as(RestoreErrors.severity(situation))
                    .at(places(database, functions.values())));
        }
        List<Finding> findings = new ArrayList<>();
        for (Map.Entry<String, List<String>> library : functions.entrySet()) {
            if (!isPresent(situation, library.getKey())) {
                findings.add(Finding.warning(
                                name(),
                                "the target has no library " + library.getKey() + ", which functions need",
                                "Install it on the target's host, built for PostgreSQL "
                                        + situation.target().version().majorText()
                                        + ", or drop the functions on the source.")
                        .as(RestoreErrors.severity(situation))
                        .at(places(database, List.of(library.getValue()))));
            }
        }
        return findings;
    }

    private static List<Place> places(SourceDatabase database, Iterable<List<String>> functions) {
        List<Place> places = new ArrayList<>();
        functions.forEach(some -> some.forEach(function -> places.add(Place.of(database.name(), function))));
        return places;
    }

    private static Map<String, List<String>> functionsByLibrary(SourceDatabase database) throws SQLException {
        String query = """
                SELECT p.probin, format('function %%I.%%I', n.nspname, p.proname)
                  FROM pg_proc AS p
                  JOIN pg_namespace AS n ON n.oid = p.pronamespace
                  JOIN pg_language AS l ON l.oid = p.prolang
                 WHERE l.lanname = 'c' AND p.oid >= 16384 AND %s
                   AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
                 ORDER BY 1, 2
                """.formatted(UserObjects.notOfExtension("pg_proc", "p.oid"));
        Map<String, List<String>> functions = new TreeMap<>();
        try (PreparedStatement statement = database.connection().prepareStatement(query);
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                functions
                        .computeIfAbsent(row.getString(1), none -> new ArrayList<>())
                        .add(row.getString(2));
            }
        }
        return functions;
    }

    private boolean isPresent(Situation situation, String library) throws SQLException {
        if (!situation.target().version().isAtLeast(ServerVersion.V9_6)) {
            // It does not tell where its libraries are.
            return true;
        }
        Connection target = situation.target().connection();
        Boolean known = present.get(library);
        if (known == null) {
            known = library.startsWith("/")
                    ? isFile(target, library)
                    : files(target).contains(bareName(library));
            present.put(library, known);
        }
        return known;
    }

    private static String bareName(String library) {
        String name = library.startsWith("$libdir/") ? library.substring("$libdir/".length()) : library;
        return name.replaceFirst("\\.(so|dll|dylib|sl)$", "");
    }

    /** The server adds its own suffix to a name without one. */
    private static boolean isFile(Connection target, String path) throws SQLException {
        try (PreparedStatement statement = target.prepareStatement("""
                SELECT bool_or((pg_stat_file(f.path, true)).size IS NOT NULL)
                  FROM unnest(ARRAY[?, ? || '.so', ? || '.dll', ? || '.dylib']) AS f (path)
                """)) {
            for (int position = 1; position <= 4; position++) {
                statement.setString(position, path);
            }
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        }
    }

    /** The libraries in all folders of dynamic_library_path, without their suffixes. */
    private Set<String> files(Connection target) throws SQLException {
        if (files.isEmpty()) {
            Set<String> names = new HashSet<>();
            for (String file : UserObjects.column(target, """
                    SELECT pg_ls_dir(d.folder, true, false)
                      FROM (SELECT replace(p.part, '$libdir', (SELECT setting FROM pg_config WHERE name = 'PKGLIBDIR'))
                              FROM regexp_split_to_table(current_setting('dynamic_library_path') || ':$libdir', ':')
                                   AS p (part)) AS d (folder)
                     WHERE d.folder LIKE '/%' OR d.folder ~ '^[A-Za-z]:'
                    """)) {
                names.add(bareName(file));
            }
            files = Optional.of(names);
        }
        return files.get();
    }
}
