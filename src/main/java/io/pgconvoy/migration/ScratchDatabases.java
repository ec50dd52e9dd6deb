package io.pgconvoy.migration;

import io.pgconvoy.catalog.DatabaseCatalog;
import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Session;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Databases on the target that exist for the length of one rehearsal, or of a few statements about globals. Their names
 * hold an identifier, and one session with that identifier as its application name is open for as long: scratch databases
 * without such a session are left over from a run that died, whichever machine that was on.
 */
final class ScratchDatabases {
    /** And sixteen hexadecimal digits: what the sessions of a rehearsal are called. */
    static final String PREFIX = "pgconvoy_rehearsal_";

    /** Also the databases that globals are written in, of which those that died are dropped here, too. */
    private static final Pattern NAME = Pattern.compile("(pgconvoy_(?:rehearsal|bytes)_[0-9a-f]{16})_[0-9]+");

    private final Server target;
    private final String id;

    /** @param id sixteen hexadecimal digits, another one for each rehearsal */
    ScratchDatabases(Server target, String id) {
        this.id = id;
        this.target = target.withApplicationName(PREFIX + id);
    }

    String id() {
        return id;
    }

    /** What the rehearsal's sessions are called, so that others know that it is alive. */
    String applicationName() {
        return PREFIX + id;
    }

    /** What a database of the source is called on the target for the time being. */
    DatabaseName name(DatabaseProperties database) {
        return new DatabaseName(PREFIX + id + "_" + database.oid());
    }

    /** Ends a rehearsal: whatever of its databases is still there is dropped. */
    @FunctionalInterface
    interface Presence extends AutoCloseable {
        @Override
        void close();
    }

    /** Begins a rehearsal: from here on its databases are known to be in use. */
    Presence open() {
        Connection sign = target.open();
        return () -> {
            // An interrupt that ended the work must not end the tidying up.
            boolean interrupted = Thread.interrupted();
            try (sign) {
                drop(target, list(target.undisturbed(), applicationName()::equals), applicationName()::equals);
            } catch (SQLException gone) {
                // The next rehearsal drops what is left.
            } finally {
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        };
    }

    /** Drops a scratch database, if it is there. */
    void drop(DatabaseName name) {
        boolean interrupted = Thread.interrupted();
        try (DatabaseAdmin admin = DatabaseAdmin.open(target, PREFIX)) {
            admin.oid(name).ifPresent(oid -> admin.drop(oid, name));
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Drops the scratch databases of rehearsals, and of runs, that died.
     *
     * @return what was dropped, for people
     * @throws PgconvoyException where the target cannot be asked or refuses
     */
    static List<String> dropLeftovers(Server target) {
        // The databases come first: a rehearsal that begins after this look is in it with no database, and one that
        // began before is seen to be alive.
        List<DatabaseProperties> all = list(target, other -> true);
        Set<String> alive = alive(target);
        return drop(target, all, other -> !alive.contains(other));
    }

    /** What the sessions of those that are at work are called. */
    static Set<String> alive(Server target) {
        Set<String> alive = new HashSet<>();
        try (Connection connection = target.open();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("""
                        SELECT DISTINCT application_name FROM pg_catalog.pg_stat_activity
                         WHERE application_name ~ '^pgconvoy_(rehearsal|bytes)_'
                        """)) {
            while (row.next()) {
                alive.add(row.getString(1));
            }
        } catch (SQLException failure) {
            throw target.failure(target.endpoint().database(), "looking for rehearsals", failure);
        }
        return alive;
    }

    private static List<DatabaseProperties> list(Server target, Predicate<String> ofRehearsal) {
        try (Connection connection = target.open()) {
            return DatabaseCatalog.list(Session.of(connection, "listing databases")).stream()
                    .filter(database -> isOf(database, ofRehearsal))
                    .toList();
        } catch (SQLException failure) {
            throw target.failure(target.endpoint().database(), "listing databases", failure);
        }
    }

    private static boolean isOf(DatabaseProperties database, Predicate<String> ofRehearsal) {
        Matcher matcher = NAME.matcher(database.name().value());
        return matcher.matches() && ofRehearsal.test(matcher.group(1));
    }

    private static List<String> drop(Server target, List<DatabaseProperties> databases, Predicate<String> ofRehearsal) {
        List<DatabaseProperties> left = databases.stream()
                .filter(database -> isOf(database, ofRehearsal))
                .toList();
        try (DatabaseAdmin admin = DatabaseAdmin.open(target, PREFIX)) {
            left.forEach(database -> admin.drop(database.oid(), database.name()));
        }
        return left.stream()
                .map(database -> "database \"" + database.name() + "\"")
                .toList();
    }
}
