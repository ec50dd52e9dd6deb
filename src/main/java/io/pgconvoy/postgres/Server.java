package io.pgconvoy.postgres;

import io.github.resilience4j.core.IntervalFunction;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.Endpoint;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.config.Side;
import io.pgconvoy.postgres.concurrent.Cancellation;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One of the two servers, reached once already, so that its version is known. Opens single connections; see {@link
 * ServerPools} for pooled ones. Immutable, and safe for use by many threads.
 */
public final class Server {
    /** A restart or a moment without a free connection should not cost a database its run: some 15 s of trying. */
    private static final Retry RECONNECT = Retry.of(
            "connect",
            RetryConfig.custom()
                    .maxAttempts(6)
                    .intervalFunction(IntervalFunction.ofExponentialBackoff(Duration.ofMillis(500), 2))
                    .retryOnException(failure -> failure instanceof SQLException sql && SqlState.isTransient(sql))
                    .build());

    /** Cancels nothing. */
    private static final Cancellation NOBODY = new Cancellation();

    private static final String CONNECTION_LOST = "08006";

    /** Every run can connect to it, most often. */
    private static final DatabaseName COMMON = new DatabaseName("postgres");

    /** For a question that takes no time. */
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(30);

    private final Endpoint endpoint;
    private final ServerVersion version;
    private final String applicationName;
    private final Duration lockWait;
    private final Cancellation cancellation;
    private final OpenSessions sessions;
    private final boolean undisturbed;
    private final KeptSessions kept = new KeptSessions();

    private Server(
            Endpoint endpoint,
            ServerVersion version,
            String applicationName,
            Duration lockWait,
            Cancellation cancellation,
            OpenSessions sessions,
            boolean undisturbed) {
        this.endpoint = endpoint;
        this.version = version;
        this.applicationName = applicationName;
        this.lockWait = lockWait;
        this.cancellation = cancellation;
        this.sessions = sessions;
        this.undisturbed = undisturbed;
    }

    /**
     * Connects once and asks for the version.
     *
     * @param applicationName what pg_stat_activity shows for all sessions of this migration
     * @throws PgconvoyException where the server is not to be reached or does not let the user in
     */
    public static Server connect(Endpoint endpoint, String applicationName) {
        return connect(endpoint, applicationName, new Cancellation());
    }

    /**
     * Connects once and asks for the version.
     *
     * @param cancellation breaks off every session of this server that is open then, whatever it is at
     */
    public static Server connect(Endpoint endpoint, String applicationName, Cancellation cancellation) {
        cancellation.check();
        try {
            ServerVersion version =
                    cancellation.interruptible(() -> askVersion(endpoint, applicationName, cancellation));
            return new Server(
                    endpoint,
                    version,
                    applicationName,
                    Duration.ZERO,
                    cancellation,
                    OpenSessions.of(cancellation),
                    false);
        } catch (SQLException failure) {
            cancellation.check();
            throw connectFailure(endpoint, endpoint.database(), failure);
        }
    }

    private static ServerVersion askVersion(Endpoint endpoint, String applicationName, Cancellation cancellation)
            throws SQLException {
        try (Connection connection = DriverManager.getConnection(
                ConnectionParameters.url(endpoint, endpoint.database()),
                ConnectionParameters.forDriver(endpoint, applicationName))) {
            bound(connection);
            try (var breaking = cancellation.breaksOff(connection);
                    Statement statement = connection.createStatement();
                    var row = statement.executeQuery("SHOW server_version_num")) {
                row.next();
                return new ServerVersion(row.getInt(1));
            }
        }
    }

    /** An answer is expected at once. */
    private static void bound(Connection connection) throws SQLException {
        connection.setNetworkTimeout(Runnable::run, (int) ANSWER_TIMEOUT.toMillis());
    }

    public Endpoint endpoint() {
        return endpoint;
    }

    public Side side() {
        return endpoint.side();
    }

    public ServerVersion version() {
        return version;
    }

    public String applicationName() {
        return applicationName;
    }

    /** Names the server for messages. */
    public String label() {
        return endpoint.label();
    }

    /** The same server under another application name. */
    public Server withApplicationName(String name) {
        return new Server(endpoint, version, name, lockWait, cancellation, sessions, undisturbed);
    }

    /** How long a session waits for a lock of somebody else's; zero for as long as it takes. */
    public Duration lockWait() {
        return lockWait;
    }

    /** The same server with sessions that wait for locks no longer than this. */
    public Server withLockWait(Duration most) {
        return new Server(endpoint, version, applicationName, most, cancellation, sessions, undisturbed);
    }

    /**
     * The same server for what puts things right at the end: its sessions are not broken off. Once cancelled, it is tried
     * once, for a short time, as it is by everybody.
     */
    public Server undisturbed() {
        return new Server(endpoint, version, applicationName, lockWait, cancellation, sessions, true);
    }

    /** The opposite of {@link #undisturbed}, for what need not be waited for. */
    public Server disturbable() {
        return new Server(endpoint, version, applicationName, lockWait, cancellation, sessions, false);
    }

    /** What breaks off its sessions. */
    public Cancellation cancellation() {
        return cancellation;
    }

    /** A new connection to the database for questions about the whole server; the caller closes it. */
    public Connection open() {
        return open(endpoint.database());
    }

    /**
     * A new connection in autocommit mode, with {@link SessionSettings} in force; the caller closes it.
     *
     * @throws PgconvoyException where the connection fails; its cause is the driver's exception
     */
    public Connection open(DatabaseName database) {
        if (cancellation.isCancelled() || undisturbed) {
            return openUndisturbed(database);
        }
        AtomicBoolean again = new AtomicBoolean();
        try {
            return cancellation.interruptible(() -> reconnect(() -> {
                if (again.getAndSet(true)) {
                    cancellation.check();
                }
                return connectOnceIfSilent(database);
            }));
        } catch (SQLException failure) {
            cancellation.check();
            throw connectFailure(endpoint, database, failure);
        }
    }

    /** A new session on the database for questions about the whole server; the caller closes it. */
    public Session session(String doing) {
        return session(endpoint.database(), doing);
    }

    /**
     * A new session with {@link SessionSettings} in force; the caller closes it.
     *
     * @param doing what it is for, as failures name it: "reading the roles"
     * @throws PgconvoyException where the connection fails
     */
    public Session session(DatabaseName database, String doing) {
        return new Session(this, database, open(database), doing);
    }

    /** Ends the keeping of sessions. */
    @FunctionalInterface
    public interface Keeping extends AutoCloseable {
        @Override
        void close();
    }

    /** Has one session on a database that is closed kept for the next who {@linkplain #shared shares} it. */
    public Keeping keep(DatabaseName database) {
        return keep(database, 1);
    }

    /** The same with as many sessions, at least 1. */
    Keeping keep(DatabaseName database, int most) {
        return kept.keep(database, most);
    }

    /** Has one session fewer kept, for the time that somebody else has that connection. */
    Keeping keepFewer(DatabaseName database) {
        return kept.keepFewer(database);
    }

    /**
     * A session that others have used before and use after: one that is {@linkplain #keep kept}, else a new one. Who sets
     * something for longer than a transaction takes one of its own.
     *
     * @param doing what it is for, as failures name it
     */
    public Session shared(DatabaseName database, String doing) {
        return kept.session(this, database, doing);
    }

    /** The same on the database for questions about the whole server. */
    public Session shared(String doing) {
        return shared(endpoint.database(), doing);
    }

    /** Has a cancellation break a connection off, unless this server is {@link #undisturbed}. */
    Cancellation.Registration breaksOff(Connection connection) {
        return (undisturbed ? NOBODY : cancellation).breaksOff(connection);
    }

    /** Whether what fails now was broken off by the cancellation. */
    boolean isBrokenOff() {
        return !undisturbed && cancellation.isCancelled();
    }

    /** While nobody cancels, tries as often as everybody; then once. */
    private Connection openUndisturbed(DatabaseName database) {
        try {
            return reconnect(() -> {
                try {
                    return connectOnceIfSilent(database);
                } catch (SQLException failure) {
                    if (cancellation.isCancelled()) {
                        throw connectFailure(endpoint, database, failure);
                    }
                    throw failure;
                }
            });
        } catch (SQLException failure) {
            throw connectFailure(endpoint, database, failure);
        }
    }

    private static Connection reconnect(Cancellation.Interruptible<Connection, SQLException> connecting)
            throws SQLException {
        try {
            return RECONNECT.executeCheckedSupplier(connecting::run);
        } catch (SQLException | RuntimeException | Error failure) {
            throw failure;
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** A server that is known to be silent has been waited for long enough. */
    private Connection connectOnceIfSilent(DatabaseName database) throws SQLException {
        try {
            return connect(database);
        } catch (SQLException failure) {
            if (sessions.isSilent()) {
                throw connectFailure(endpoint, database, failure);
            }
            throw failure;
        }
    }

    /**
     * Connects once, to see whether it answers.
     *
     * @throws PgconvoyException where it does not
     */
    public void greet() {
        try (Connection connection = cancellation.interruptible(() -> connect(endpoint.database()))) {
            sessions.answered();
        } catch (SQLException failure) {
            cancellation.check();
            throw connectFailure(endpoint, endpoint.database(), failure);
        }
    }

    /** Whether it has not answered for too long, so that its sessions were broken off, and does not answer yet. */
    public boolean isSilent() {
        return sessions.isSilent();
    }

    /** Breaks off all that is at work on it, as on a server that is lost. */
    void silent() {
        sessions.silent();
    }

    void answered() {
        sessions.answered();
    }

    /** Has a tool that is at work on it ended where it is found to be silent, until {@link #toolEnded}. */
    public void toolStarted(Runnable end) {
        sessions.started(end);
    }

    public void toolEnded(Runnable end) {
        sessions.ended(end);
    }

    /** What then fails a tool that was at work. */
    public PgconvoyException silence(String tool) {
        return new PgconvoyException(
                ErrorKind.of(side()),
                label() + " is silent, so " + tool + " was ended",
                "Look after the server and the network, then run the same command again to go on.",
                new SQLException("no answer", CONNECTION_LOST));
    }

    /**
     * A new session for advisory locks among runs, which see each other's from anywhere: where all can, they are in the
     * same database, else in the one for questions about the whole server. Should this machine vanish, the server finds out
     * in a minute or two rather than in hours, whatever the user wants of keepalives. The caller closes it.
     *
     * @throws PgconvoyException where that is not possible
     */
    public Session sessionAmongRuns(String doing) {
        Session session;
        try {
            session = session(COMMON, doing);
        } catch (PgconvoyException refused) {
            if (endpoint.database().equals(COMMON)) {
                throw refused;
            }
            session = session(doing);
        }
        try {
            session.execute(
                    "SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 6");
            return session;
        } catch (PgconvoyException failure) {
            session.close();
            throw failure;
        }
    }

    /** A libpq connection string without any secret, for a tool's {@code -d}. */
    public String conninfo(DatabaseName database) {
        return ConnectionParameters.conninfo(endpoint, database);
    }

    /**
     * What a client tool finds in its environment: there, unlike in arguments, other users cannot read the password.
     *
     * @param settings further ones of the tool's sessions, by name
     */
    public Map<String, String> toolEnvironment(Map<String, String> settings) {
        Map<String, String> all =
                new LinkedHashMap<>(Keepalives.of(endpoint.parameters()).forServer(version));
        all.putAll(settings);
        Map<String, String> environment = new HashMap<>();
        environment.put("PGOPTIONS", SessionSettings.asToolOptions(version, all));
        environment.put("PGAPPNAME", applicationName);
        endpoint.password().ifPresent(secret -> environment.put("PGPASSWORD", secret.reveal()));
        return environment;
    }

    /**
     * A new session, for which it is connected once.
     *
     * @param most that connecting may take; zero for what the user wants
     */
    public Session sessionWithin(Duration most, DatabaseName database, String doing) {
        try {
            return new Session(this, database, connect(database, most), doing);
        } catch (SQLException failure) {
            throw connectFailure(endpoint, database, failure);
        }
    }

    Connection connect(DatabaseName database) throws SQLException {
        return connect(database, Duration.ZERO);
    }

    /**
     * Connects once.
     *
     * @param most that it may take; zero for what the user wants
     * @throws PgconvoyException where something between here and the server drops what a session must have
     */
    private Connection connect(DatabaseName database, Duration most) throws SQLException {
        boolean cancelled = cancellation.isCancelled();
        Properties properties = driverProperties();
        if (cancelled) {
            ConnectionParameters.hurry(properties);
        } else if (!most.isZero()) {
            ConnectionParameters.limit(properties, most);
        }
        Connection connection = DriverManager.getConnection(ConnectionParameters.url(endpoint, database), properties);
        sessions.add(connection, cancelled || undisturbed);
        try {
            bound(connection);
            if (!SessionSettings.enforce(connection, version, own())) {
                throw new PgconvoyException(
                        ErrorKind.of(side()),
                        label() + " drops the settings that a connection asks for (its startup options), without which"
                                + " dates, intervals and amounts may arrive changed",
                        "A pooler such as PgBouncer does that (ignore_startup_parameters): give host and port of the"
                                + " server itself.");
            }
            Connection seen = RawSession.over(connection);
            connection.setNetworkTimeout(Runnable::run, 0);
            return seen;
        } catch (SQLException | RuntimeException failure) {
            try {
                connection.close();
            } catch (SQLException further) {
                failure.addSuppressed(further);
            }
            throw failure;
        }
    }

    /** What this server's sessions have of their own. */
    private Map<String, String> own() {
        return Map.of("lock_timeout", String.valueOf(lockWait.toMillis()));
    }

    private Properties driverProperties() {
        Properties properties = ConnectionParameters.forDriver(endpoint, applicationName);
        Map<String, String> further = new LinkedHashMap<>(own());
        further.putAll(Keepalives.of(endpoint.parameters()).forServer(version));
        properties.setProperty("options", SessionSettings.asOptions(version, further));
        return properties;
    }

    /** A failed statement as this program reports it: which server, which database, what was being done. */
    public SqlFailure failure(DatabaseName database, String doing, SQLException cause) {
        return new SqlFailure(
                ErrorKind.of(side()),
                label() + ", database \"" + database + "\": " + doing + " failed: " + SqlState.reason(cause),
                hint(cause),
                cause);
    }

    private static String hint(SQLException cause) {
        if (SqlState.isLockNotAvailable(cause)) {
            return "Somebody has locked a table; have that session end its transaction, or raise --lock-wait-timeout.";
        }
        return SqlState.isTransient(cause)
                ? "The server went away or was busy; run the same command again to go on."
                : "See the server's log for the statement.";
    }

    static PgconvoyException connectFailure(Endpoint endpoint, DatabaseName database, SQLException cause) {
        return ConnectFailure.of(endpoint, database, cause);
    }
}
