package io.pgconvoy.postgres;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.Endpoint;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.StringJoiner;

/** Turns an {@link Endpoint} into what the driver, or libpq, wants to be told. */
final class ConnectionParameters {
    /** By libpq's name, the driver's; {@link Keepalives} has the others. */
    private static final Map<String, String> DRIVER_NAMES = Map.of(
            "sslmode", "sslmode",
            "sslrootcert", "sslrootcert",
            "sslcert", "sslcert",
            "sslkey", "sslkey",
            "sslnegotiation", "sslNegotiation",
            "channel_binding", "channelBinding",
            "connect_timeout", "connectTimeout",
            "gssencmode", "gssEncMode");

    static final int CONNECT_TIMEOUT_SECONDS = 20;

    private static final Duration HURRIED = Duration.ofSeconds(4);

    /** A month. */
    private static final int NO_TIMEOUT_SECONDS = 30 * 24 * 3600;

    static {
        // The driver would look for a password itself, by rules that are not quite libpq's.
        System.setProperty("org.postgresql.pgpassfile", "/dev/null");
    }

    private ConnectionParameters() {}

    static Properties forDriver(Endpoint endpoint, String applicationName) {
        Properties properties = new Properties();
        properties.setProperty("user", endpoint.user());
        endpoint.password().ifPresent(secret -> properties.setProperty("password", secret.reveal()));
        properties.setProperty("ApplicationName", applicationName);
        // Has the driver say all that it wants when it connects, not one by one afterwards.
        properties.setProperty("assumeMinServerVersion", "9.5");
        properties.setProperty("connectTimeout", String.valueOf(CONNECT_TIMEOUT_SECONDS));
        properties.setProperty("cancelSignalTimeout", "5");
        Keepalives keepalives = Keepalives.of(endpoint.parameters());
        properties.setProperty("tcpKeepAlive", String.valueOf(keepalives.on()));
        properties.setProperty("socketFactory", KeepaliveSockets.class.getName());
        properties.setProperty("socketFactoryArg", keepalives.toString());
        // A plain plan each time: servers behind a transaction pooler know no prepared statements.
        properties.setProperty("prepareThreshold", "0");
        // A database of encoding SQL_ASCII holds bytes of any encoding; who reads them takes LATIN1 for that long.
        properties.setProperty("allowEncodingChanges", "true");
        // The server's word comes with the error, its data values do not belong into our logs.
        properties.setProperty("logServerErrorDetail", "false");
        endpoint.parameters().forEach((name, value) -> {
            if (DRIVER_NAMES.containsKey(name)) {
                properties.setProperty(DRIVER_NAMES.get(name), value);
            }
        });
        likeLibpq(endpoint.parameters(), properties);
        // Of the login as a whole, and in a thread of its own, which an interrupt leaves alone.
        int timeout = Integer.parseInt(properties.getProperty("connectTimeout"));
        properties.setProperty("loginTimeout", String.valueOf(timeout == 0 ? NO_TIMEOUT_SECONDS : timeout));
        return properties;
    }

    /** For who wants to end: a server that answers does so at once. */
    static void hurry(Properties properties) {
        limit(properties, HURRIED);
    }

    /** Has connecting take no longer than that, also where the user set no limit. */
    static void limit(Properties properties, Duration limit) {
        int most = (int) limit.toSeconds();
        for (String timeout : new String[] {"connectTimeout", "loginTimeout"}) {
            int seconds = Integer.parseInt(properties.getProperty(timeout));
            properties.setProperty(timeout, String.valueOf(seconds == 0 ? most : Math.min(seconds, most)));
        }
    }

    /** Where the driver takes the same parameters in another sense. */
    private static void likeLibpq(Map<String, String> parameters, Properties properties) {
        String authority = parameters.get("sslrootcert");
        if ("system".equals(authority)) {
            properties.remove("sslrootcert");
            properties.setProperty("sslfactory", "org.postgresql.ssl.DefaultJavaSSLFactory");
            properties.setProperty("sslmode", "verify-full");
        } else if (authority != null && "require".equals(parameters.get("sslmode"))) {
            // libpq looks at the server's certificate as soon as it has an authority's.
            properties.setProperty("sslmode", "verify-ca");
        }
    }

    /** The URL without any secret; everything else travels in the properties. */
    static String url(Endpoint endpoint, DatabaseName database) {
        String host = endpoint.host().contains(":") ? "[" + endpoint.host() + "]" : endpoint.host();
        return "jdbc:postgresql://" + host + ":" + endpoint.port() + "/"
                + URLEncoder.encode(database.value(), StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** A libpq connection string without any secret, for a tool's {@code -d}. */
    static String conninfo(Endpoint endpoint, DatabaseName database) {
        StringJoiner conninfo = new StringJoiner(" ");
        conninfo.add("dbname=" + Sql.conninfoValue(database.value()));
        conninfo.add("host=" + Sql.conninfoValue(endpoint.host()));
        conninfo.add("port=" + endpoint.port());
        conninfo.add("user=" + Sql.conninfoValue(endpoint.user()));
        if (!endpoint.parameters().containsKey("connect_timeout")) {
            conninfo.add("connect_timeout=" + CONNECT_TIMEOUT_SECONDS);
        }
        Map<String, String> parameters = new LinkedHashMap<>(endpoint.parameters());
        parameters.putAll(Keepalives.of(endpoint.parameters()).forLibpq());
        parameters.forEach((name, value) -> conninfo.add(name + "=" + Sql.conninfoValue(value)));
        return conninfo.toString();
    }
}
