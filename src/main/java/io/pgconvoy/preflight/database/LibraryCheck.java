package io.pgconvoy.preflight.database;

import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.DatabaseCheck;
import io.pgconvoy.preflight.Sign;
import io.pgconvoy.preflight.SourceDatabase;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Libraries of C functions that no extension made. pg_upgrade loads each of them; LOAD runs the library's own code inside
 * the target, where a crash takes all sessions along, so this only looks whether the file is there: a list of the library
 * folders, for which a superuser may ask.
 *
 * @see <a href="https://www.postgresql.org/docs/current/xfunc-c.html#XFUNC-C-DYNLOAD">Dynamic Loading</a>
 */
public final class LibraryCheck extends DatabaseCheck {
    private final Map<String, Boolean> present = new HashMap<>();
    private Optional<Set<String>> files = Optional.empty();

    public LibraryCheck() {
        super(
                "libraries",
                "blocker\\*",
                "functions in C outside extensions whose library is not on the target, or that the"
                        + " target's user may not create");
    }

    @Override
    public List<Sign> signs(CheckContext context) {
        return List.of(Sign.FUNCTIONS);
    }

    @Override
    public List<Finding> run(CheckContext context, SourceDatabase database) {
        Map<String, List<String>> functions = functionsByLibrary(database);
        if (functions.isEmpty()) {
            return List.of();
        }
        if (!context.target().status().superuser()) {
            return List.of(warning(
                            "functions in C can be created by superusers only, which "
                                    + context.target().status().user() + " is not on the target",
                            "Connect to the target as a superuser, or drop them on the source.")
                    .as(context.ofRestoreErrors())
                    .at(places(database, functions.values())));
        }
        List<Finding> findings = new ArrayList<>();
        for (Map.Entry<String, List<String>> library : functions.entrySet()) {
            if (!isPresent(context, library.getKey())) {
                findings.add(warning(
                                "the target has no library " + library.getKey() + ", which functions need",
                                "Install it on the target's host, built for PostgreSQL "
                                        + context.target().version().majorText()
                                        + ", or drop the functions on the source.")
                        .as(context.ofRestoreErrors())
                        .at(places(database, List.of(library.getValue()))));
            }
        }
        return findings;
    }

    private static List<Place> places(SourceDatabase database, Iterable<List<String>> functions) {
        List<Place> places = new ArrayList<>();
        functions.forEach(some -> some.forEach(function -> places.add(database.place(function))));
        return places;
    }

    private static Map<String, List<String>> functionsByLibrary(SourceDatabase database) {
        Map<String, List<String>> functions = new TreeMap<>();
        database.list(
                """
                SELECT p.probin, format('function %I.%I', n.nspname, p.proname)
                  FROM pg_proc AS p
                  JOIN pg_namespace AS n ON n.oid = p.pronamespace
                  JOIN pg_language AS l ON l.oid = p.prolang
                 WHERE l.lanname = 'c' AND {made pg_proc p.oid}
                   AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
                 ORDER BY 1, 2
                """,
                row -> functions
                        .computeIfAbsent(row.getString(1), none -> new ArrayList<>())
                        .add(row.getString(2)));
        return functions;
    }

    private boolean isPresent(CheckContext context, String library) {
        if (!context.target().version().isAtLeast(ServerVersion.V9_6)) {
            // It does not tell where its libraries are.
            return true;
        }
        Session target = context.onTarget();
        return present.computeIfAbsent(
                library,
                unknown -> library.startsWith("/")
                        ? isFile(target, library)
                        : files(target).contains(bareName(library)));
    }

    private static String bareName(String library) {
        String name = library.startsWith("$libdir/") ? library.substring("$libdir/".length()) : library;
        return name.replaceFirst("\\.(so|dll|dylib|sl)$", "");
    }

    /** The server adds its own suffix to a name without one. */
    private static boolean isFile(Session target, String path) {
        return target.flag("""
                SELECT bool_or((pg_stat_file(? || f.suffix, true)).size IS NOT NULL)
                  FROM unnest(ARRAY['', '.so', '.dll', '.dylib']) AS f (suffix)
                """, path);
    }

    /** The libraries in all folders of dynamic_library_path, without their suffixes. */
    private Set<String> files(Session target) {
        if (files.isEmpty()) {
            files = Optional.of(
                    target.texts("""
                            SELECT pg_ls_dir(d.folder, true, false)
                              FROM (SELECT replace(p.part, '$libdir', (SELECT setting FROM pg_config WHERE name = 'PKGLIBDIR'))
                                      FROM regexp_split_to_table(current_setting('dynamic_library_path') || ':$libdir', ':')
                                           AS p (part)) AS d (folder)
                             WHERE d.folder LIKE '/%' OR d.folder ~ '^[A-Za-z]:'
                            """).stream().map(LibraryCheck::bareName).collect(Collectors.toSet()));
        }
        return files.get();
    }
}
