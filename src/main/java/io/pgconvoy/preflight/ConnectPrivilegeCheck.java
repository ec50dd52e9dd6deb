package io.pgconvoy.preflight;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.Side;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;

/** Databases that the source's user may not connect to, so that nothing of them can be read. */
final class ConnectPrivilegeCheck implements ServerCheck {
    @Override
    public String name() {
        return "connect-privilege";
    }

    @Override
    public List<Finding> run(Situation situation) throws SQLException {
        Set<DatabaseName> closed = refused(situation.source().connection());
        List<Place> places = situation.databases().stream()
                .map(DatabaseProperties::name)
                .filter(closed::contains)
                .map(Place::of)
                .toList();
        return places.isEmpty()
                ? List.of()
                : List.of(Finding.blocker(
                                name(),
                                "role " + situation.source().status().user()
                                        + " may not connect to these databases of the source",
                                "GRANT CONNECT ON DATABASE ... to it, or leave them out with --exclude-db.")
                        .on(Side.SOURCE)
                        .at(places));
    }

    /** All databases of the server that the session's user may not connect to. */
    static Set<DatabaseName> refused(Connection connection) throws SQLException {
        return Set.copyOf(Rows.list(connection, """
                SELECT datname FROM pg_catalog.pg_database
                 WHERE NOT pg_catalog.has_database_privilege(session_user, oid, 'CONNECT')
                """, row -> new DatabaseName(row.getString(1))));
    }
}
