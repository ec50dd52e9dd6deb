package io.pgconvoy.preflight;

import io.pgconvoy.catalog.TableCatalog;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.globals.ServiceDatabases;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.postgres.Server;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Which databases of the source no migration can take along though they hold something: those that an interrupted DROP
 * DATABASE left half deleted (datconnlimit is -2, since the minor releases of August 2023), a template0 that somebody has
 * opened and filled, and what a managed service keeps for itself.
 *
 * @see <a href="https://www.postgresql.org/docs/current/catalog-pg-database.html">pg_database.datconnlimit</a>
 */
final class LeftBehindDatabaseCheck implements ServerCheck {
    private static final DatabaseName TEMPLATE0 = new DatabaseName("template0");

    @Override
    public String name() {
        return "left-behind-database";
    }

    @Override
    public List<Finding> run(Situation situation) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        List<Place> invalid = databases(situation, "datconnlimit = -2 AND datname <> 'template0'").stream()
                .filter(situation.config().databases()::selects)
                .map(Place::of)
                .toList();
        if (!invalid.isEmpty()) {
            findings.add(Finding.warning(
                            name(),
                            "what an interrupted DROP DATABASE has left half deleted is left behind",
                            "Nothing can read it any more: DROP DATABASE it on the source.")
                    .at(invalid));
        }
        if (!databases(situation, "datallowconn AND datname = 'template0'").isEmpty()
                && holdsUserObjects(situation.source().server())) {
            findings.add(Finding.warning(
                            name(),
                            "user objects in template0 are not carried over",
                            "Copy by hand what is wanted, best into template1; then ALTER DATABASE template0"
                                    + " ALLOW_CONNECTIONS false.")
                    .at(List.of(Place.of(TEMPLATE0))));
        }
        List<Place> ofService = databases(situation, "true").stream()
                .filter(ServiceDatabases::contains)
                .filter(name -> situation.config().databases().selects(name)
                        && !situation.config().databases().asksFor(name))
                .map(Place::of)
                .toList();
        if (!ofService.isEmpty()) {
            findings.add(Finding.note(
                            name(),
                            "by its name a managed service's own database is left behind",
                            "Ask for it by --include-db if it is yours.")
                    .at(ofService));
        }
        return findings;
    }

    private static List<DatabaseName> databases(Situation situation, String condition) throws SQLException {
        List<DatabaseName> names = new ArrayList<>();
        try (Statement statement = situation.source().connection().createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT datname FROM pg_catalog.pg_database WHERE " + condition + " ORDER BY datname")) {
            while (row.next()) {
                names.add(new DatabaseName(row.getString(1)));
            }
        }
        return names;
    }

    private static boolean holdsUserObjects(Server source) throws SQLException {
        try (Connection connection = source.open(TEMPLATE0)) {
            return TableCatalog.holdsUserObjects(connection);
        }
    }
}
