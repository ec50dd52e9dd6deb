package io.pgconvoy.preflight.database;

import io.pgconvoy.postgres.ServerVersion;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What is known of particular extensions, and cannot be asked. */
public final class KnownExtensions {
    private static final String PYTHON_2 =
            "Python 2 is gone since PostgreSQL 15: move the functions to plpython3u, or drop them.";
    private static final String MANAGED =
            "It belongs to the managed service that the source is on: DROP EXTENSION it if nothing needs it.";

    /**
     * What took the place of extensions that no longer exist, from the release notes.
     *
     * @see <a href="https://www.postgresql.org/docs/release/">Release notes</a>
     */
    private static final Map<String, String> GONE = Map.ofEntries(
            Map.entry(
                    "chkpass", "It is gone since PostgreSQL 11: turn its columns into text, with pgcrypto's crypt()."),
            Map.entry(
                    "tsearch2",
                    "It is gone since PostgreSQL 10: full text search is built in; drop the extension and what uses it."),
            Map.entry(
                    "timetravel", "It is gone since PostgreSQL 12: drop it, and keep history by triggers of your own."),
            Map.entry(
                    "adminpack",
                    "It is gone since PostgreSQL 17, only pgAdmin III needed it: DROP EXTENSION adminpack."),
            Map.entry("old_snapshot", "It is gone since PostgreSQL 17: DROP EXTENSION old_snapshot."),
            Map.entry("plpythonu", PYTHON_2),
            Map.entry("plpython2u", PYTHON_2),
            Map.entry("hstore_plpythonu", PYTHON_2),
            Map.entry("hstore_plpython2u", PYTHON_2),
            Map.entry("ltree_plpythonu", PYTHON_2),
            Map.entry("ltree_plpython2u", PYTHON_2),
            Map.entry("jsonb_plpythonu", PYTHON_2),
            Map.entry("jsonb_plpython2u", PYTHON_2));

    private static final List<String> OF_MANAGED_SERVICES =
            List.of("rds_", "rdsutils", "aws_", "apg_", "aurora_", "azure", "pgaadauth", "google_");

    /**
     * Extensions whose library says in its _PG_init(), which CREATE EXTENSION runs, that it must be preloaded; the value is
     * the library.
     */
    private static final Map<String, String> PRELOADED = Map.of(
            "pg_cron", "pg_cron",
            "timescaledb", "timescaledb",
            "citus", "citus",
            "pglogical", "pglogical",
            "pgaudit", "pgaudit");

    private KnownExtensions() {}

    /** What to do about an extension that a target does not have. */
    static String whatToDo(String extension, ServerVersion target) {
        if (GONE.containsKey(extension)) {
            return GONE.get(extension);
        }
        if (OF_MANAGED_SERVICES.stream().anyMatch(extension::startsWith)) {
            return MANAGED;
        }
        return "Install the package that has it on the target's host (on Debian, names are like postgresql-"
                + target.majorText() + "-NAME), or drop it on the source if nothing needs it.";
    }

    /** The library without which in shared_preload_libraries CREATE EXTENSION fails. */
    static Optional<String> libraryToPreload(String extension) {
        return Optional.ofNullable(PRELOADED.get(extension));
    }
}
