package io.pgconvoy.config;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Reads a connection URI as libpq does.
 *
 * @see <a href="https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS">Connection URIs</a>
 */
public final class EndpointUri {
    /** What both the driver and the tools understand; see postgres.ConnectionParameters for the driver's names. */
    public static final Set<String> KNOWN_PARAMETERS = Set.of(
            "sslmode",
            "sslrootcert",
            "sslcert",
            "sslkey",
            "sslnegotiation",
            "channel_binding",
            "connect_timeout",
            "gssencmode",
            "keepalives",
            "keepalives_idle",
            "keepalives_interval",
            "keepalives_count",
            "tcp_user_timeout");

    /** Times and numbers; of libpq's, 0 is the system's own value, or off. */
    private static final Set<String> NUMBERS =
            Set.of("keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout");

    private static final Map<String, Set<String>> VALUES = Map.of(
            "sslmode", Set.of("disable", "allow", "prefer", "require", "verify-ca", "verify-full"),
            "sslnegotiation", Set.of("postgres", "direct"),
            "channel_binding", Set.of("disable", "prefer", "require"),
            "gssencmode", Set.of("disable", "prefer", "require"),
            "keepalives", Set.of("0", "1"));

    private EndpointUri() {}

    /**
     * Parses {@code postgresql://user:password@host:port/database?parameter=value&...}. Whatever is absent takes
     * pgconvoy's default.
     *
     * @throws PgconvoyException of kind USAGE; its text never repeats the URI, which may hold a password
     */
    public static Endpoint parse(Side side, String uri) {
        String rest = withoutScheme(side, uri);
        Map<String, String> parameters = Map.of();
        int question = rest.indexOf('?');
        if (question >= 0) {
            refuseAt(side, rest.substring(question));
            parameters = parameters(side, rest.substring(question + 1));
            rest = rest.substring(0, question);
        }
        String database = "postgres";
        int slash = rest.indexOf('/');
        if (slash >= 0) {
            refuseAt(side, rest.substring(slash));
            String given = decode(side, rest.substring(slash + 1));
            database = given.isEmpty() ? database : given;
            rest = rest.substring(0, slash);
        }
        String user = "postgres";
        Optional<Secret> password = Optional.empty();
        int at = rest.lastIndexOf('@');
        if (at >= 0) {
            String account = rest.substring(0, at);
            int colon = account.indexOf(':');
            if (colon >= 0) {
                password = Optional.of(new Secret(decode(side, account.substring(colon + 1))));
                account = account.substring(0, colon);
            }
            user = account.isEmpty() ? user : decode(side, account);
            rest = rest.substring(at + 1);
        }
        return endpoint(side, rest, user, password, database, parameters);
    }

    /** The URI that means the same, without the password. */
    public static String of(Endpoint endpoint) {
        String host = endpoint.host().contains(":") ? "[" + endpoint.host() + "]" : encode(endpoint.host());
        String query = new TreeMap<>(endpoint.parameters())
                .entrySet().stream()
                        .map(parameter -> parameter.getKey() + "=" + encode(parameter.getValue()))
                        .collect(Collectors.joining("&"));
        return "postgresql://" + encode(endpoint.user()) + "@" + host + ":" + endpoint.port() + "/"
                + encode(endpoint.database().value()) + (query.isEmpty() ? "" : "?" + query);
    }

    /** A path need not be unreadable. */
    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("%2F", "/");
    }

    /** What is wrong with a parameter's value, as {@code an sslmode that there is not}; empty where nothing is. */
    public static Optional<String> mistake(String name, String value) {
        if (name.equals("connect_timeout")) {
            return value.matches("[0-9]{1,6}")
                    ? Optional.empty()
                    : Optional.of("a connect_timeout that is no number of seconds");
        }
        if (NUMBERS.contains(name)) {
            return value.matches("[0-9]{1,9}") ? Optional.empty() : Optional.of("a " + name + " that is no number");
        }
        return VALUES.getOrDefault(name, Set.of(value)).contains(value)
                ? Optional.empty()
                : Optional.of((name.startsWith("ssl") ? "an " : "a ") + name + " that there is not");
    }

    private static Endpoint endpoint(
            Side side,
            String address,
            String user,
            Optional<Secret> password,
            String database,
            Map<String, String> parameters) {
        if (address.contains(",")) {
            throw wrong(side, "names several hosts");
        }
        String host = address;
        int port = 5432;
        int colon = address.startsWith("[") ? address.indexOf(':', address.indexOf(']')) : address.lastIndexOf(':');
        if (colon >= 0) {
            String digits = address.substring(colon + 1);
            if (!digits.matches("[0-9]{1,5}")) {
                throw wrong(side, "has no number as its port");
            }
            port = Integer.parseInt(digits);
            if (port < 1 || port > 65535) {
                throw wrong(side, "has a port that is not from 1 to 65535");
            }
            host = address.substring(0, colon);
        }
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.contains(":")) {
            throw wrong(side, "has an IPv6 address without brackets, or two ports");
        }
        host = decode(side, host);
        if (!host.isEmpty() && !host.startsWith("/") && !Endpoint.isHostName(host)) {
            throw wrong(side, "has no host name where one belongs");
        }
        return new Endpoint(
                side,
                host.isEmpty() ? "localhost" : host,
                port,
                user,
                password,
                new DatabaseName(database),
                parameters);
    }

    private static String withoutScheme(Side side, String uri) {
        for (String scheme : new String[] {"postgresql://", "postgres://"}) {
            if (uri.startsWith(scheme)) {
                return uri.substring(scheme.length());
            }
        }
        throw wrong(side, "does not begin with postgresql://");
    }

    private static Map<String, String> parameters(Side side, String query) {
        Map<String, String> parameters = new LinkedHashMap<>();
        for (String pair : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals <= 0) {
                throw wrong(side, "has a parameter without a name or a value");
            }
            String name = decode(side, pair.substring(0, equals));
            if (!KNOWN_PARAMETERS.contains(name)) {
                throw PgconvoyException.usage(
                        "--" + side.optionPrefix() + ": the URI's parameter '" + name + "' is not supported",
                        "Supported are "
                                + String.join(
                                        ", ", KNOWN_PARAMETERS.stream().sorted().toList()) + ".");
            }
            String value = decode(side, pair.substring(equals + 1));
            mistake(name, value).ifPresent(what -> {
                throw wrong(side, "has " + what);
            });
            parameters.put(name, value);
        }
        return parameters;
    }

    /** An @ there is most likely the end of a password with a / or a ?, which then must not be taken for something else. */
    private static void refuseAt(Side side, String afterTheHost) {
        if (afterTheHost.indexOf('@') >= 0) {
            throw wrong(side, "has an @ behind the first / or ?");
        }
    }

    private static String decode(Side side, String text) {
        try {
            // URLDecoder reads '+' as a blank, which URIs of libpq do not.
            String decoded = URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
            if (decoded.indexOf('\0') >= 0) {
                throw wrong(side, "has a %00");
            }
            return decoded;
        } catch (IllegalArgumentException malformed) {
            throw wrong(side, "has a malformed %-sequence");
        }
    }

    private static PgconvoyException wrong(Side side, String what) {
        return PgconvoyException.usage(
                "--" + side.optionPrefix() + ": the URI " + what,
                "Write postgresql://user@host:port/database?sslmode=verify-full, special characters as %XX.");
    }
}
