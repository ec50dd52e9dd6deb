package io.pgconvoy.preflight.server;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.ServerCheck;
import java.util.List;

/**
 * Which databases accept no connections, so that neither pg_dump nor the other checks can read them.
 *
 * @see <a href="https://www.postgresql.org/docs/current/catalog-pg-database.html">pg_database.datallowconn</a>
 */
public final class ClosedDatabaseCheck extends ServerCheck {
    public ClosedDatabaseCheck() {
        super(
                "closed-database",
                "warning, note",
                "databases that accept no connections, and what becomes of them"
                        + " ([closed databases](servers.md#databases-that-refuse-connections))");
    }

    @Override
    public List<Finding> run(CheckContext context) {
        List<DatabaseProperties> opened = context.databases().stream()
                // Without the option, those among them are dumped already.
                .filter(database -> context.config().openClosed() && !database.allowsConnections())
                .toList();
        return found(
                warning(
                                "what accepts no connections (datallowconn is false) cannot be dumped",
                                "Have it opened for the time of its dump with --open-closed-databases, or leave it out with"
                                        + " --exclude-db.")
                        .at(places(context.refusing())),
                opening(context).at(places(opened)));
    }

    private Finding opening(CheckContext context) {
        if (context.source().status().inRecovery()) {
            return warning(
                    context.source().label() + " is a standby, on which what accepts no connections (datallowconn is"
                            + " false) cannot be opened for its dump",
                    "Have the primary open it for the time of the migration, or leave it out with --exclude-db.");
        }
        return note(
                "what accepts no connections is opened for the time of its dump, "
                        + (context.source().status().superuser()
                                ? "for superusers only"
                                : "for everybody who has the privilege CONNECT"),
                "The checks do not look into it; what they would have found is told by its restore.");
    }

    private static List<Place> places(List<DatabaseProperties> databases) {
        return databases.stream().map(database -> Place.of(database.name())).toList();
    }
}
