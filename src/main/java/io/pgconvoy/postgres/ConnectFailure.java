package io.pgconvoy.postgres;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.Endpoint;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.model.Failure;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SSLException;

/** Says why a server could not be connected to, and what to do about that very cause. */
final class ConnectFailure {
    private final Endpoint endpoint;
    private final DatabaseName database;
    private final SQLException cause;
    private final String option;

    private ConnectFailure(Endpoint endpoint, DatabaseName database, SQLException cause) {
        this.endpoint = endpoint;
        this.database = database;
        this.cause = cause;
        this.option = "--" + endpoint.side().optionPrefix();
    }

    static PgconvoyException of(Endpoint endpoint, DatabaseName database, SQLException cause) {
        ConnectFailure failure = new ConnectFailure(endpoint, database, cause);
        return new Unconnected(
                ErrorKind.of(endpoint.side()),
                "cannot connect to " + endpoint.label() + ", database \"" + database + "\", as " + endpoint.user()
                        + ": " + failure.reason(),
                failure.hint(),
                cause);
    }

    /** Whether the server, or the driver, refuses for want of TLS; the driver has the same SQLSTATE for a missing password. */
    static boolean isWithoutTls(SQLException cause) {
        return "08004".equals(cause.getSQLState()) && message(cause).contains("SSL");
    }

    private String reason() {
        if (within(UnknownHostException.class).isPresent()) {
            return "could not translate host name \"" + endpoint.host() + "\" to an address";
        }
        Optional<SocketTimeoutException> timeout = within(SocketTimeoutException.class);
        if (timeout.isPresent()) {
            return "no answer within the time limit (" + message(timeout.get()) + ")";
        }
        String reason = message(cause);
        String deepest = message(deepest());
        boolean told = reason.contains(deepest)
                || deepest.equals("null")
                || within(ConnectException.class).isPresent();
        return told ? reason : reason + " (" + deepest + ")";
    }

    /** What the driver has from others is often but one part of the truth. */
    private Throwable deepest() {
        Throwable deepest = cause;
        for (int depth = 0; deepest.getCause() != null && depth < 10; depth++) {
            deepest = deepest.getCause();
        }
        return deepest;
    }

    private String hint() {
        String message = message(cause);
        if (within(UnknownHostException.class).isPresent()) {
            return "Check the spelling of " + option + "-host, and that this machine's name resolution knows it.";
        }
        if (isWithoutTls(cause)) {
            return "The server has no TLS: set ssl = on there, or give sslmode=prefer or disable (" + option
                    + " with ?sslmode=..., PGSSLMODE).";
        }
        if (isAboutCertificate()) {
            return certificateHint();
        }
        if (message.contains("pg_hba.conf")) {
            return "The server's pg_hba.conf has no line for this user, database, address and kind of connection: add one,"
                    + " or try another sslmode (" + option + " with ?sslmode=..., PGSSLMODE).";
        }
        if (SqlState.isAuthentication(cause)) {
            return "Check " + option + "-user and the password (" + option + "-pass-file, PGCONVOY_"
                    + option.substring(2).toUpperCase(Locale.ROOT)
                    + "_PASS or ~/.pgpass), and the server's pg_hba.conf.";
        }
        if (SqlState.isUnknownDatabase(cause)) {
            return database.equals(endpoint.database())
                    ? "Check " + option + "-db."
                    : "It was there when this run began: was it dropped or renamed?";
        }
        if (SqlState.isLockNotAvailable(cause)) {
            return "Somebody has locked system catalogs of that database (VACUUM FULL, REINDEX, LOCK), which each new session"
                    + " reads; have that session end its transaction.";
        }
        if ("53300".equals(cause.getSQLState())) {
            return "The server has no connection left; lower --max-parallel and the jobs, or raise max_connections.";
        }
        if (within(SocketTimeoutException.class).isPresent()) {
            return "Nothing answers there: check " + option + "-host and " + option
                    + "-port, and the firewalls in between; connect_timeout is how long to wait.";
        }
        if (within(NoRouteToHostException.class).isPresent()) {
            return "Check " + option + "-host, and the network and firewalls in between.";
        }
        if (within(ConnectException.class).isPresent()) {
            return "Nothing listens there: check " + option + "-host and " + option
                    + "-port, that the server runs, and its listen_addresses.";
        }
        if (message.contains("timed out")) {
            return "The server does not answer: check " + option + "-host and " + option
                    + "-port. Where only this database"
                    + " lets nobody in, somebody alters it or makes another one of it (ALTER DATABASE, CREATE DATABASE).";
        }
        return "Check " + option + "-host and " + option + "-port, and that the server accepts connections from here.";
    }

    private boolean isAboutCertificate() {
        return within(SSLException.class).isPresent()
                || within(CertificateException.class).isPresent()
                || message(cause).contains("certificate")
                || isForAnotherName();
    }

    private String certificateHint() {
        String file = endpoint.parameters().getOrDefault("sslrootcert", "~/.postgresql/root.crt");
        if (isForAnotherName()) {
            return "The server's certificate is for another name than " + endpoint.host()
                    + ": connect by a name that is in" + " it, or give sslmode=verify-ca.";
        }
        if (message(cause).contains("valid client certificate")) {
            return "The server wants a certificate of this client: name it with sslcert and sslkey, or PGSSLCERT and"
                    + " PGSSLKEY.";
        }
        return "Check that " + file + " holds the authority that signed the server's certificate (sslrootcert, or"
                + " PGSSLROOTCERT), and sslcert and sslkey where the server wants a client's certificate.";
    }

    /** The driver names the class that looked at the name. */
    private boolean isForAnotherName() {
        return message(cause).toLowerCase(Locale.ROOT).contains("hostnameverifier");
    }

    private <T extends Throwable> Optional<T> within(Class<T> type) {
        Throwable next = cause;
        for (int depth = 0; next != null && depth < 10; depth++) {
            if (type.isInstance(next)) {
                return Optional.of(type.cast(next));
            }
            next = next.getCause();
        }
        return Optional.empty();
    }

    private static String message(Throwable failure) {
        String message = String.valueOf(failure.getMessage());
        return message.lines().findFirst().orElse(message);
    }

    /** No {@link SqlFailure}: who expects a refused statement does not take a server for one that cannot be reached. */
    private static final class Unconnected extends PgconvoyException implements Failure.Details {
        private final String state;

        Unconnected(ErrorKind kind, String message, String hint, SQLException cause) {
            super(kind, message, hint, cause);
            this.state = SqlState.state(cause);
        }

        @Override
        public Optional<String> sqlState() {
            return Optional.of(state).filter(known -> !known.isEmpty());
        }

        @Override
        public Optional<String> object() {
            return Optional.empty();
        }
    }
}
