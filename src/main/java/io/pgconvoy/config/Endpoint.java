package io.pgconvoy.config;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * How to reach one of the two servers.
 *
 * @param side which of the two it is
 * @param host a name or an address
 * @param port 1 to 65535
 * @param user the role to connect as
 * @param password empty where none is known; neither driver nor tools look for one themselves
 * @param database the database for questions about the whole server
 * @param parameters further libpq parameters (sslmode, sslrootcert, ...), by libpq's names
 */
public record Endpoint(
        Side side,
        String host,
        int port,
        String user,
        Optional<Secret> password,
        DatabaseName database,
        Map<String, String> parameters) {
    public Endpoint {
        Objects.requireNonNull(side);
        Objects.requireNonNull(user);
        Objects.requireNonNull(password);
        Objects.requireNonNull(database);
        parameters = Map.copyOf(parameters);
        String prefix = "--" + side.optionPrefix();
        if (host.isBlank()) {
            throw PgconvoyException.usage(prefix + "-host is empty", "Give a host name or an address.");
        }
        if (host.startsWith("/")) {
            throw PgconvoyException.usage(
                    prefix + "-host: '" + host + "' is a socket's folder, but connections go over TCP",
                    "Give 127.0.0.1, and let the server listen there (listen_addresses).");
        }
        if (!isHostName(host)) {
            throw PgconvoyException.usage(
                    prefix + "-host: '" + host + "' is not a host name",
                    "Give one name or address, without port or database.");
        }
        if (port < 1 || port > 65535) {
            throw PgconvoyException.usage(prefix + "-port: " + port + " is not a port", "Ports go from 1 to 65535.");
        }
        if (user.isEmpty()) {
            throw PgconvoyException.usage(prefix + "-user is empty", "Give the role to connect as.");
        }
    }

    /** Whether it can be one host's name or address; driver and tools would take some of these for more than that. */
    static boolean isHostName(String host) {
        return host.codePoints()
                .noneMatch(c -> c <= ' ' || c == 0x7f || Character.isWhitespace(c) || "/\\?#@,&='\"[]".indexOf(c) >= 0);
    }

    public Endpoint withPassword(Secret secret) {
        return new Endpoint(side, host, port, user, Optional.of(secret), database, parameters);
    }

    /** The same with other parameters. */
    public Endpoint withParameters(Map<String, String> others) {
        return new Endpoint(side, host, port, user, password, database, others);
    }

    /** Names the server for messages: {@code source db1.example:5432}. */
    public String label() {
        return side.label() + " " + host + ":" + port;
    }
}
