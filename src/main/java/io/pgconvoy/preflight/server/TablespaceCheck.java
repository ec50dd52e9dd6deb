package io.pgconvoy.preflight.server;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.catalog.Tablespace;
import io.pgconvoy.catalog.TablespaceCatalog;
import io.pgconvoy.config.Side;
import io.pgconvoy.config.TablespaceChoice;
import io.pgconvoy.model.Announced;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.Sql;
import io.pgconvoy.postgres.SqlFailure;
import io.pgconvoy.postgres.SqlState;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.ServerCheck;
import io.pgconvoy.preflight.ServerSession;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Whether the source's tablespaces can be made where they are to be. What is in a tablespace that the target lacks cannot
 * be restored; only databases as a whole go to pg_default instead.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-createtablespace.html">CREATE TABLESPACE</a>
 */
public final class TablespaceCheck extends ServerCheck {
    private static final String ADVICE =
            "Make that folder on the target's machine, empty and owned by the server's user, or"
                    + " name another with --map-tablespace, or give --no-tablespaces.";

    public TablespaceCheck() {
        super(
                Announced.TABLESPACES.check(),
                "blocker, warning, note",
                "tablespaces that cannot be made, and why; see `--map-tablespace` and `--no-tablespaces`");
    }

    @Override
    public List<Finding> run(CheckContext context) {
        TablespaceChoice choice = context.config().tablespaces();
        List<Tablespace> source = TablespaceCatalog.list(context.onSource());
        List<Finding> findings = new ArrayList<>(unmatched(choice, source));
        if (choice.leaveOut()) {
            return findings;
        }
        List<Tablespace> target = TablespaceCatalog.list(context.onTarget());
        List<Tablespace> missing = new ArrayList<>();
        for (Tablespace tablespace : source) {
            find(target, tablespace.name())
                    .ifPresentOrElse(
                            there -> elsewhere(tablespace, there, choice).ifPresent(findings::add),
                            () -> missing.add(tablespace));
        }
        findings.addAll(twice(choice, missing, target));
        for (Tablespace tablespace : missing) {
            Optional<String> obstacle = obstacle(context, tablespace, choice);
            if (obstacle.isPresent()) {
                findings.add(missing(context, tablespace, obstacle.get()));
            }
        }
        return findings;
    }

    private List<Finding> unmatched(TablespaceChoice choice, List<Tablespace> source) {
        List<Place> places = choice.folders().keySet().stream()
                .filter(old -> source.stream()
                        .noneMatch(tablespace -> TablespaceChoice.means(old, tablespace.name(), tablespace.location())))
                .map(old -> Place.of("'" + old + "'"))
                .toList();
        String there = source.isEmpty()
                ? "It has none."
                : "It has "
                        + source.stream()
                                .map(tablespace -> Sql.identifier(tablespace.name()) + " at " + tablespace.location())
                                .collect(Collectors.joining(", "))
                        + ".";
        return onSource(blocker("--map-tablespace names what is no tablespace of the source", there)
                .at(places));
    }

    private Optional<Finding> elsewhere(Tablespace source, Tablespace there, TablespaceChoice choice) {
        String wanted = folder(choice, source);
        boolean bothInside = !wanted.startsWith("/") && !there.location().startsWith("/");
        if (bothInside || wanted.equals(there.location())) {
            return Optional.empty();
        }
        return Optional.of(note(
                        "the target has this tablespace already, and it is used where it is, at " + there.location()
                                + ", not at " + wanted,
                        "Nothing has to be done, if there is room enough.")
                .on(Side.TARGET)
                .at(List.of(Place.of("tablespace " + Sql.identifier(source.name())))));
    }

    /** Two tablespaces cannot lie in one folder; the target's own count, too. */
    private List<Finding> twice(TablespaceChoice choice, List<Tablespace> missing, List<Tablespace> target) {
        Map<String, String> taken = new HashMap<>();
        target.forEach(there -> taken.put(there.location(), "the target's tablespace " + Sql.identifier(there.name())));
        List<Finding> findings = new ArrayList<>();
        for (Tablespace tablespace : missing) {
            String folder = folder(choice, tablespace);
            String name = "tablespace " + Sql.identifier(tablespace.name());
            String other = folder.startsWith("/") ? taken.putIfAbsent(folder, name) : null;
            if (other != null) {
                findings.add(blocker(
                                "two tablespaces are to lie in " + folder + " of the target, which the server refuses",
                                "Give each a folder of its own with --map-tablespace.")
                        .on(Side.TARGET)
                        .at(List.of(Place.of(other), Place.of(name))));
            }
        }
        return findings;
    }

    private Finding missing(CheckContext context, Tablespace tablespace, String obstacle) {
        boolean needed = holdsMoreThanDatabases(context, tablespace);
        String what = "a tablespace cannot be made on the target, as " + obstacle
                + (needed ? "; what is in it could not be restored" : "; databases in it go to pg_default");
        Finding finding =
                needed && !context.config().allowRestoreErrors() ? blocker(what, ADVICE) : warning(what, ADVICE);
        return finding.on(Side.TARGET).at(List.of(Place.of("tablespace " + Sql.identifier(tablespace.name()))));
    }

    /** Whether a database that is to be moved has something in it without being in it as a whole. */
    private static boolean holdsMoreThanDatabases(CheckContext context, Tablespace tablespace) {
        Set<Long> others = context.databases().stream()
                .filter(database -> !database.tablespace().equals(tablespace.name()))
                .map(DatabaseProperties::oid)
                .collect(Collectors.toSet());
        try {
            return context.onSource().list("""
                            SELECT pg_tablespace_databases(oid)::text::bigint FROM pg_tablespace WHERE spcname = ?
                            """, row -> row.getLong(1), tablespace.name()).stream()
                    .anyMatch(others::contains);
        } catch (SqlFailure failure) {
            if (SqlState.isPrivilege(failure)) {
                return true;
            }
            throw failure;
        }
    }

    /** Why a tablespace cannot be made; empty also where nobody can tell. */
    private static Optional<String> obstacle(CheckContext context, Tablespace tablespace, TablespaceChoice choice) {
        ServerSession target = context.target();
        if (!context.config().migrateGlobals()) {
            return Optional.of("--migrate-globals=false makes none");
        }
        if (!target.status().superuser()) {
            return Optional.of("role " + target.status().user() + " is no superuser");
        }
        String folder = folder(choice, tablespace);
        if (!folder.startsWith("/")) {
            return target.session()
                            .text("SELECT setting FROM pg_settings WHERE name = 'allow_in_place_tablespaces'")
                            .equals(Optional.of("on"))
                    ? Optional.empty()
                    : Optional.of("it lies inside the data folder, which takes allow_in_place_tablespaces = on there");
        }
        // Before 11 a server looks into its own folders only ("absolute path not allowed").
        return target.version().isAtLeast(ServerVersion.V11) ? obstacle(target, folder) : Optional.empty();
    }

    private static Optional<String> obstacle(ServerSession target, String folder) {
        Session session = target.session();
        try {
            Optional<String> isFolder = session.text("SELECT (pg_stat_file(?, true)).isdir", folder);
            if (isFolder.isEmpty()) {
                return Optional.of("there is no folder " + folder);
            }
            if (!isFolder.get().equals("t")) {
                return Optional.of(folder + " is no folder");
            }
            // The one folder that CREATE TABLESPACE makes in there must not exist; a lost+found, say, does no harm.
            String own = "PG_" + target.version().majorText() + "_";
            return session.texts("SELECT pg_ls_dir(?)", folder).stream().anyMatch(name -> name.startsWith(own))
                    ? Optional.of(folder + " holds a tablespace already")
                    : Optional.empty();
        } catch (SqlFailure failure) {
            if (SqlState.isBrokenOff(failure)) {
                throw failure;
            }
            return Optional.of("the server may not look into " + folder);
        }
    }

    private static String folder(TablespaceChoice choice, Tablespace tablespace) {
        return choice.folder(tablespace.name(), tablespace.location()).replaceFirst("(?<=.)/+$", "");
    }

    private static Optional<Tablespace> find(List<Tablespace> tablespaces, String name) {
        return tablespaces.stream()
                .filter(tablespace -> tablespace.name().equals(name))
                .findFirst();
    }
}
