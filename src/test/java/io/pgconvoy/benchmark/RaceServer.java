package io.pgconvoy.benchmark;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.Endpoint;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.config.Side;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.Sql;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/** One of a race's two servers. What stands on it besides {@code postgres} and templates is the benchmark's own. */
final class RaceServer {
    private final Endpoint endpoint;
    private final Duration limit;
    private final Server server;
    private final String version;
    private final OptionalLong postmaster;
    private final List<String> roles;
    private final Map<String, String> settings;

    private RaceServer(Endpoint endpoint, Duration limit) {
        this.endpoint = endpoint;
        this.limit = limit;
        this.server = Server.connect(endpoint, "pgconvoy bench");
        try (Session session = session()) {
            this.version = session.text("SHOW server_version").orElseThrow().replaceFirst(" .*", "");
            this.postmaster = Processes.postmaster(
                    session.number("SELECT pg_backend_pid()"), session.number("SELECT inet_client_port()"));
            this.roles = session.texts("SELECT rolname FROM pg_roles");
            this.settings = settings(session);
        }
    }

    /**
     * Connects to it and removes what an earlier benchmark left there.
     *
     * @param limit for one statement
     * @throws PgconvoyException where databases of somebody else are on it, of which nothing is touched
     */
    static RaceServer take(Endpoint endpoint, Duration limit) {
        RaceServer server = new RaceServer(endpoint, limit);
        List<String> others = server.databases().stream()
                .filter(name -> !name.startsWith(Fleet.PREFIX))
                .toList();
        if (!others.isEmpty()) {
            throw new PgconvoyException(
                    endpoint.side() == Side.SOURCE ? ErrorKind.SOURCE : ErrorKind.TARGET,
                    server.server.label() + " holds databases that are not the benchmark's: "
                            + String.join(", ", others),
                    "Name a throw-away server, or let the benchmark start its own.");
        }
        server.clean();
        return server;
    }

    Endpoint endpoint() {
        return endpoint;
    }

    String version() {
        return version;
    }

    /** The process all others of the server descend from, where it runs on this machine. */
    OptionalLong postmaster() {
        return postmaster;
    }

    Session session() {
        return session(endpoint.database().value());
    }

    Session session(String database) {
        Session session = server.session(new DatabaseName(database), "benchmark");
        session.set("statement_timeout", limit.toSeconds() + "s");
        return session;
    }

    /** All but {@code postgres} and templates, smallest first. */
    List<String> databases() {
        try (Session session = session()) {
            return session.texts("""
                    SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres'
                    ORDER BY pg_database_size(oid), datname
                    """);
        }
    }

    /** Of all databases but {@code postgres} and templates. */
    long bytes() {
        try (Session session = session()) {
            return session.number("""
                    SELECT sum(pg_database_size(oid)) FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres'
                    """);
        }
    }

    void load(Fleet.Database database) {
        try (Session session = session()) {
            session.execute("CREATE DATABASE " + Sql.identifier(database.name())
                    + " TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'");
        }
        try (Session session = session(database.name())) {
            session.execute(
                    "SET search_path = public; SET synchronous_commit = off; SET maintenance_work_mem = '256MB'");
            database.statements().forEach(session::execute);
        }
    }

    void checkpoint() {
        try (Session session = session()) {
            session.execute("CHECKPOINT");
        }
    }

    /** Drops all databases, and the roles that were not there at first. */
    void clean() {
        try (Session session = session()) {
            session.execute("""
                    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE datname IN (SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres')
                    """);
            for (String database : databases()) {
                session.execute("DROP DATABASE " + Sql.identifier(database));
            }
            for (String role : session.texts("SELECT rolname FROM pg_roles WHERE rolname !~ '^pg_'")) {
                if (!roles.contains(role)) {
                    session.execute("DROP ROLE " + Sql.identifier(role));
                }
            }
        }
    }

    /** Puts back what ALTER SYSTEM has changed since the beginning; returns the settings' names. */
    List<String> restoreSettings() {
        try (Session session = session()) {
            Map<String, String> now = settings(session);
            List<String> changed = new TreeMap<>(now)
                    .keySet().stream()
                            .filter(name -> !now.get(name).equals(settings.get(name)))
                            .toList();
            for (String name : changed) {
                session.execute("ALTER SYSTEM "
                        + (settings.containsKey(name)
                                ? "SET " + Sql.identifier(name) + " = " + Sql.literal(settings.get(name))
                                : "RESET " + Sql.identifier(name)));
            }
            session.execute("SELECT pg_reload_conf()");
            return changed;
        }
    }

    private static Map<String, String> settings(Session session) {
        Map<String, String> settings = new TreeMap<>();
        session.each(
                "SELECT name, setting FROM pg_file_settings WHERE sourcefile LIKE '%postgresql.auto.conf'",
                row -> settings.put(row.getString(1), row.getString(2)));
        return settings;
    }
}
