package io.pgconvoy.preflight.rehearsal;

import io.pgconvoy.catalog.DatabaseCatalog;
import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.globals.DatabaseAdmin;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Session;
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
        // What was made is dropped also by a run that is cancelled.
        this.target = target.withApplicationName(PREFIX + id).undisturbed();
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
        Session sign = target.session("a rehearsal");
        return () -> {
            try (sign) {
                uninterrupted(() -> drop(target, list(target, applicationName()::equals)));
            }
        };
    }

    /** Drops a scratch database, if it is there. */
    void drop(DatabaseName name) {
        uninterrupted(() -> {
            try (DatabaseAdmin admin = DatabaseAdmin.open(target, PREFIX)) {
                admin.oid(name).ifPresent(oid -> admin.drop(oid, name));
            }
        });
    }

    /** An interrupt that ended the work must not end the tidying up. */
    private static void uninterrupted(Runnable tidying) {
        boolean interrupted = Thread.interrupted();
        try {
            tidying.run();
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
        List<DatabaseProperties> left = all.stream()
                .filter(database -> isOf(database, other -> !alive.contains(other)))
                .toList();
        drop(target.undisturbed(), left);
        return left.stream()
                .map(database -> "database \"" + database.name() + "\"")
                .toList();
    }

    /** What the sessions of those that are at work are called. */
    static Set<String> alive(Server target) {
        try (Session session = target.session("looking for rehearsals")) {
            return Set.copyOf(session.texts("""
                    SELECT DISTINCT application_name FROM pg_catalog.pg_stat_activity
                     WHERE application_name ~ '^pgconvoy_(rehearsal|bytes)_'
                    """));
        }
    }

    private static List<DatabaseProperties> list(Server target, Predicate<String> ofRehearsal) {
        return DatabaseCatalog.list(target).stream()
                .filter(database -> isOf(database, ofRehearsal))
                .toList();
    }

    private static boolean isOf(DatabaseProperties database, Predicate<String> ofRehearsal) {
        Matcher matcher = NAME.matcher(database.name().value());
        return matcher.matches() && ofRehearsal.test(matcher.group(1));
    }

    private static void drop(Server target, List<DatabaseProperties> databases) {
        try (DatabaseAdmin admin = DatabaseAdmin.open(target, PREFIX)) {
            databases.forEach(database -> admin.drop(database.oid(), database.name()));
        }
    }
}
