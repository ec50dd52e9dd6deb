package io.pgconvoy.preflight.server;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.ServerCheck;
import java.util.List;
import java.util.Set;

/** Databases that the source's user may not connect to, so that nothing of them can be read. */
public final class ConnectPrivilegeCheck extends ServerCheck {
    public ConnectPrivilegeCheck() {
        super("connect-privilege", "blocker", "databases that the source's user may not connect to");
    }

    @Override
    public List<Finding> run(CheckContext context) {
        Set<DatabaseName> closed = refused(context.onSource());
        List<Place> places = context.databases().stream()
                .map(DatabaseProperties::name)
                .filter(closed::contains)
                .map(Place::of)
                .toList();
        return onSource(blocker(
                        "role " + context.source().status().user()
                                + " may not connect to these databases of the source",
                        "GRANT CONNECT ON DATABASE ... to it, or leave them out with --exclude-db.")
                .at(places));
    }

    /** All databases of the server that the session's user may not connect to. */
    public static Set<DatabaseName> refused(Session session) {
        return Set.copyOf(session.list("""
                SELECT datname FROM pg_catalog.pg_database
                 WHERE NOT pg_catalog.has_database_privilege(session_user, oid, 'CONNECT')
                """, row -> new DatabaseName(row.getString(1))));
    }
}
