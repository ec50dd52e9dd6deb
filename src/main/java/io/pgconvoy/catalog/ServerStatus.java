package io.pgconvoy.catalog;

import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import java.util.OptionalInt;

/**
 * What a server says about itself and about our session there, before anything is begun.
 *
 * @param systemIdentifier what initdb gave it; where the server does not tell, another lasting trait
 * @param inRecovery whether it is a standby
 * @param superuser whether we are connected as one
 * @param createDatabase whether our role may create databases
 * @param readsAllPasswords whether pg_authid is readable
 * @param maxConnections max_connections
 * @param reservedConnections connections that our role cannot get
 * @param connectionsInUse client sessions other than the asking one
 * @param user the role we are
 * @param connectionsOfUser how many more its CONNECTION LIMIT lets it open; empty without one, and for a superuser
 */
public record ServerStatus(
        ServerVersion version,
        String systemIdentifier,
        boolean inRecovery,
        boolean superuser,
        boolean createDatabase,
        boolean readsAllPasswords,
        int maxConnections,
        int reservedConnections,
        int connectionsInUse,
        String user,
        OptionalInt connectionsOfUser) {
    /** Asks a server, by a session on any of its databases. */
    public static ServerStatus of(Session session) {
        String reserved = session.version().isAtLeast(ServerVersion.V16)
                ? "current_setting('superuser_reserved_connections')::int + current_setting('reserved_connections')::int"
                : "current_setting('superuser_reserved_connections')::int";
        // backend_type came with 10; before it, pg_stat_activity held client sessions only.
        String clients = session.version().isAtLeast(ServerVersion.V10)
                ? " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
                : " WHERE pid <> pg_backend_pid()";
        String sql = """
                SELECT pg_is_in_recovery(),
                       r.rolsuper, r.rolsuper OR r.rolcreatedb,
                       has_table_privilege('pg_catalog.pg_authid', 'SELECT'),
                       current_setting('max_connections')::int,
                       CASE WHEN r.rolsuper THEN 0 ELSE %1$s END,
                       (SELECT count(*)::int FROM pg_stat_activity %2$s),
                       session_user,
                       CASE WHEN NOT r.rolsuper AND r.rolconnlimit >= 0
                            THEN r.rolconnlimit - (SELECT count(*)::int FROM pg_stat_activity %2$s AND usesysid = r.oid)
                       END
                  FROM pg_roles r WHERE r.rolname = session_user
                """.formatted(reserved, clients);
        String identifier = systemIdentifier(session);
        return session.first(
                        sql,
                        row -> new ServerStatus(
                                session.version(),
                                identifier,
                                row.getBoolean(1),
                                row.getBoolean(2),
                                row.getBoolean(3),
                                row.getBoolean(4),
                                row.getInt(5),
                                row.getInt(6),
                                row.getInt(7),
                                row.getString(8),
                                row.number(9)
                                        .map(more -> OptionalInt.of(Math.max(0, more.intValue())))
                                        .orElse(OptionalInt.empty())))
                .orElseThrow();
    }

    /**
     * From 9.6 on the server tells the identifier. 9.5 tells it only to replication connections, so the time when initdb
     * wrote PG_VERSION stands in, which no restart changes; and without the privilege for that, the OIDs of the databases
     * that initdb made last, which say little but are better than nothing.
     */
    private static String systemIdentifier(Session session) {
        String asked = "SELECT system_identifier::text FROM pg_control_system()";
        if (!session.version().isAtLeast(ServerVersion.V9_6)) {
            asked = session.flag("SELECT rolsuper FROM pg_roles WHERE rolname = session_user")
                    ? "SELECT 'initdb ' || extract(epoch FROM modification)::bigint::text FROM pg_stat_file('PG_VERSION')"
                    : "SELECT 'oids ' || string_agg(oid::text, ' ' ORDER BY oid) FROM pg_database WHERE datname IN"
                            + " ('template0', 'template1', 'postgres')";
        }
        return session.text(asked).orElseThrow();
    }
}
