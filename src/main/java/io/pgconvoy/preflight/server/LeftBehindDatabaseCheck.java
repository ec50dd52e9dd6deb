package io.pgconvoy.preflight.server;

import io.pgconvoy.catalog.TableCatalog;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.DatabaseSelection;
import io.pgconvoy.globals.ServiceDatabases;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.ServerCheck;
import java.util.List;

/**
 * Which databases of the source no migration can take along though they hold something: those that an interrupted DROP
 * DATABASE left half deleted (datconnlimit is -2, since the minor releases of August 2023), a template0 that somebody has
 * opened and filled, and what a managed service keeps for itself.
 *
 * @see <a href="https://www.postgresql.org/docs/current/catalog-pg-database.html">pg_database.datconnlimit</a>
 */
public final class LeftBehindDatabaseCheck extends ServerCheck {
    private static final DatabaseName TEMPLATE0 = new DatabaseName("template0");

    public LeftBehindDatabaseCheck() {
        super(
                "left-behind-database",
                "warning, note",
                "databases that an interrupted DROP DATABASE left, user objects in template0; a managed"
                        + " service's own databases");
    }

    @Override
    public List<Finding> run(CheckContext context) {
        DatabaseSelection selection = context.config().databases();
        boolean filled =
                !databases(context, "datallowconn AND datname = 'template0'").isEmpty()
                        && TableCatalog.holdsUserObjects(context.source().server(), TEMPLATE0);
        return found(
                warning(
                                "what an interrupted DROP DATABASE has left half deleted is left behind",
                                "Nothing can read it any more: DROP DATABASE it on the source.")
                        .at(databases(context, "datconnlimit = -2 AND datname <> 'template0'").stream()
                                .filter(selection::selects)
                                .map(Place::of)
                                .toList()),
                warning(
                                "user objects in template0 are not carried over",
                                "Copy by hand what is wanted, best into template1; then ALTER DATABASE template0"
                                        + " ALLOW_CONNECTIONS false.")
                        .at(filled ? List.of(Place.of(TEMPLATE0)) : List.of()),
                note(
                                "by its name a managed service's own database is left behind",
                                "Ask for it by --include-db if it is yours.")
                        .at(databases(context, "true").stream()
                                .filter(name -> ServiceDatabases.contains(name)
                                        && selection.selects(name)
                                        && !selection.asksFor(name))
                                .map(Place::of)
                                .toList()));
    }

    private static List<DatabaseName> databases(CheckContext context, String condition) {
        return context.onSource()
                .list(
                        "SELECT datname FROM pg_catalog.pg_database WHERE " + condition + " ORDER BY datname",
                        row -> new DatabaseName(row.getString(1)));
    }
}
