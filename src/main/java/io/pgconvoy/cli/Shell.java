package io.pgconvoy.cli;

import io.pgconvoy.config.Endpoint;
import io.pgconvoy.config.EndpointUri;
import io.pgconvoy.config.FileTrouble;
import io.pgconvoy.config.Home;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.plan.NearMisses;
import io.pgconvoy.postgres.PasswordFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the shell around tells about connections: the home folder with its password file and certificates, and libpq's
 * variables. What is obeyed holds for both servers, and for driver and tools alike.
 *
 * @see <a href="https://www.postgresql.org/docs/current/libpq-envars.html">Environment Variables of libpq</a>
 */
final class Shell {
    /** By variable, libpq's name of the parameter. */
    private static final Map<String, String> OBEYED = Map.of(
            "PGSSLMODE", "sslmode",
            "PGSSLROOTCERT", "sslrootcert",
            "PGSSLCERT", "sslcert",
            "PGSSLKEY", "sslkey",
            "PGSSLNEGOTIATION", "sslnegotiation",
            "PGCHANNELBINDING", "channel_binding",
            "PGCONNECT_TIMEOUT", "connect_timeout",
            "PGGSSENCMODE", "gssencmode");

    /** By variable, what it asks for beyond what the driver can do, and which of its values ask for nothing. */
    private static final List<Demand> DEMANDS = List.of(
            new Demand("PGSSLCRL", "revoked certificates are to be refused", Set.of(), true),
            new Demand("PGSSLCRLDIR", "revoked certificates are to be refused", Set.of(), true),
            // The driver takes 1.2 and later, as the tools do when nothing is asked for.
            new Demand(
                    "PGSSLMINPROTOCOLVERSION",
                    "older versions of TLS are to be refused",
                    Set.of("TLSv1", "TLSv1.1", "TLSv1.2"),
                    true),
            new Demand(
                    "PGSSLCERTMODE", "a client's certificate is to be asked for, or kept back", Set.of("allow"), true),
            new Demand("PGREQUIREAUTH", "other ways of authentication are to be refused", Set.of(), false),
            new Demand("PGREQUIREPEER", "the server is to run as a certain user", Set.of(), false),
            new Demand("PGSERVICE", "a service may ask for TLS and more", Set.of(), false));

    /** Others that libpq obeys; servers and packagers have PG variables of their own, which are none of these. */
    private static final Set<String> NOT_OBEYED = Set.of(
            "PGHOST",
            "PGHOSTADDR",
            "PGPORT",
            "PGDATABASE",
            "PGUSER",
            "PGPASSWORD",
            "PGSERVICEFILE",
            "PGOPTIONS",
            "PGAPPNAME",
            "PGKRBSRVNAME",
            "PGGSSLIB",
            "PGGSSDELEGATION",
            "PGCLIENTENCODING",
            "PGTARGETSESSIONATTRS",
            "PGLOADBALANCEHOSTS",
            "PGMINPROTOCOLVERSION",
            "PGMAXPROTOCOLVERSION",
            "PGDATESTYLE",
            "PGTZ",
            "PGGEQO",
            "PGSSLCOMPRESSION",
            "PGSSLSNI",
            "PGSSLMAXPROTOCOLVERSION");

    /** Those that are no options. */
    private static final Set<String> OWN = Set.of("PGCONVOY_JAVA_OPTS");

    private static final String OWN_PREFIX = "PGCONVOY_";
    private static final List<String> FILES = List.of("sslrootcert", "sslcert", "sslkey");

    /** What libpq has for the server's certificate in place of a file, from 16 on. */
    private static final String SYSTEM = "system";

    private static final String VERIFY_FULL = "verify-full";

    /**
     * A variable by which libpq would refuse what it takes otherwise. To go on without is no choice of ours.
     *
     * @param purpose what it is there for
     * @param harmless values that are fulfilled as it is
     * @param ofTls whether it means nothing where TLS is off
     */
    private record Demand(String variable, String purpose, Set<String> harmless, boolean ofTls) {
        boolean holds(String value, boolean tls) {
            return !value.isEmpty() && (tls || !ofTls) && harmless.stream().noneMatch(value::equalsIgnoreCase);
        }
    }

    private final Map<String, String> environment;
    private final Home home;
    private final Set<String> warnings = new LinkedHashSet<>();
    private int told;

    Shell(Map<String, String> environment, Home home) {
        this.environment = Map.copyOf(environment);
        this.home = home;
    }

    Home home() {
        return home;
    }

    /**
     * The endpoint with what the shell adds: parameters that its URI does not have, and a password.
     *
     * @throws PgconvoyException of kind USAGE where a variable's value is wrong, or cannot be obeyed though safety hangs on
     *     it, or a file is not there
     */
    Endpoint complete(Endpoint given) {
        Map<String, String> parameters = new LinkedHashMap<>();
        new TreeMap<>(OBEYED).forEach((variable, name) -> {
            String value = environment.getOrDefault(variable, "");
            if (!value.isEmpty() && !given.parameters().containsKey(name)) {
                EndpointUri.mistake(name, value).ifPresent(what -> {
                    throw PgconvoyException.usage(
                            variable + " in the environment has " + what,
                            "Correct or unset it, or give --" + given.side().optionPrefix() + " with ?" + name
                                    + "=...");
                });
                parameters.put(name, value);
            }
        });
        parameters.putAll(given.parameters());
        if ("1".equals(environment.get("PGREQUIRESSL"))) {
            parameters.putIfAbsent("sslmode", "require");
        }
        addFiles(given, parameters);
        refuseDemands(given, parameters);
        Endpoint endpoint = given.withParameters(parameters);
        return endpoint.password().isPresent()
                ? endpoint
                : passwordFile()
                        .flatMap(file -> PasswordFile.find(file, endpoint, warnings::add))
                        .map(endpoint::withPassword)
                        .orElse(endpoint);
    }

    /**
     * What is in the environment without effect.
     *
     * @param options the names of all options, without dashes
     */
    List<String> unheard(Set<String> options) {
        List<String> names = new ArrayList<>();
        for (String name : new TreeSet<>(environment.keySet())) {
            if (NOT_OBEYED.contains(name) && !environment.get(name).isEmpty()) {
                names.add(name);
            }
        }
        List<String> texts = new ArrayList<>();
        if (!names.isEmpty()) {
            texts.add(
                    "the environment has " + String.join(", ", names)
                            + ", which pgconvoy does not obey: it has options for each of the two servers, see docs/options.md");
        }
        Set<String> known = new TreeSet<>(OWN);
        options.forEach(option -> known.add(OWN_PREFIX + variable(option)));
        for (String name : new TreeSet<>(environment.keySet())) {
            if (name.startsWith(OWN_PREFIX) && !known.contains(name)) {
                List<String> near = NearMisses.of(name, known);
                texts.add("the environment has " + name + ", which is no option"
                        + (near.isEmpty() ? "" : "; did you mean " + String.join(" or ", near) + "?"));
            }
        }
        return texts;
    }

    /** The driver would go on where libpq refuses. */
    private void refuseDemands(Endpoint endpoint, Map<String, String> parameters) {
        boolean tls = !"disable".equals(parameters.get("sslmode"));
        for (Demand demand : DEMANDS) {
            if (demand.holds(environment.getOrDefault(demand.variable(), ""), tls)) {
                throw PgconvoyException.usage(
                        "the environment has " + demand.variable() + ", which pgconvoy cannot obey, though "
                                + demand.purpose(),
                        "Unset it if you can do without (env -u " + demand.variable()
                                + " pgconvoy ...). What may stand in" + " --from and --to is in docs/options.md.");
            }
        }
        Optional<Path> revoked = home.found().map(folder -> folder.resolve(".postgresql/root.crl"));
        if (tls
                && parameters.containsKey("sslrootcert")
                && revoked.filter(Files::exists).isPresent()) {
            throw PgconvoyException.usage(
                    endpoint.label() + ": there is a list of revoked certificates, " + revoked.get()
                            + ", which pgconvoy cannot look at",
                    "Move it away for the migration if you can do without; the tools would look at it, the driver does"
                            + " not.");
        }
    }

    /** Why files of the home are not used, as far as that has not been told. */
    List<String> news() {
        List<String> news = warnings.stream().skip(told).toList();
        told = warnings.size();
        return news;
    }

    static String variable(String option) {
        return option.toUpperCase(Locale.ROOT).replace('-', '_');
    }

    private Optional<Path> passwordFile() {
        String given = environment.getOrDefault("PGPASSFILE", "");
        return given.isEmpty() ? home.found().map(folder -> folder.resolve(".pgpass")) : Optional.of(Path.of(given));
    }

    private void addFiles(Endpoint endpoint, Map<String, String> parameters) {
        if ("disable".equals(parameters.get("sslmode"))) {
            return;
        }
        if (SYSTEM.equals(parameters.get("sslrootcert"))
                && !parameters.getOrDefault("sslmode", VERIFY_FULL).equals(VERIFY_FULL)) {
            throw PgconvoyException.usage(
                    endpoint.label() + ": sslrootcert=system takes sslmode=verify-full, not "
                            + parameters.get("sslmode"),
                    "Give that, or the file of an authority.");
        }
        if (SYSTEM.equals(parameters.get("sslrootcert"))) {
            parameters.put("sslmode", VERIFY_FULL);
        }
        String mode = parameters.getOrDefault("sslmode", "prefer");
        boolean verifies = mode.startsWith("verify-");
        if (verifies || mode.equals("require")) {
            addFile("sslrootcert", "root.crt", parameters);
        }
        addFile("sslcert", "postgresql.crt", parameters);
        if (parameters.containsKey("sslcert")) {
            addFile("sslkey", "postgresql.key", parameters);
        }
        for (String name : FILES) {
            String file = parameters.get(name);
            if (file != null && !(name.equals("sslrootcert") && file.equals(SYSTEM))) {
                Path path = home.resolve(file).toAbsolutePath();
                if (!Files.isReadable(path)) {
                    throw PgconvoyException.usage(
                            endpoint.label() + ": " + name + ": cannot read " + path,
                            "Give a file that is there and that this user may read.");
                }
                parameters.put(name, path.toString());
                if (name.equals("sslkey")) {
                    refuseOpenKey(endpoint, path);
                }
            }
        }
        if (verifies && !parameters.containsKey("sslrootcert")) {
            throw PgconvoyException.usage(
                    endpoint.label() + ": sslmode " + mode
                            + " needs the certificate of an authority, and there is no file"
                            + " ~/.postgresql/root.crt",
                    "Put it there, or name it with sslrootcert=FILE or PGSSLROOTCERT; sslrootcert=system takes what this"
                            + " machine trusts.");
        }
    }

    /** The driver takes such a key, and the tools fail of it when everything has begun. */
    private static void refuseOpenKey(Endpoint endpoint, Path key) {
        try {
            PosixFileAttributes attributes = Files.readAttributes(key, PosixFileAttributes.class);
            boolean ofRoot = attributes.owner().getName().equals("root");
            String rights = PosixFilePermissions.toString(attributes.permissions());
            if (!rights.matches(ofRoot ? ".{3}[r-]-----" : ".{3}------")) {
                throw PgconvoyException.usage(
                        endpoint.label() + ": sslkey: others than its owner have rights on " + key + " (" + rights
                                + ")",
                        "chmod 600 it, or pg_dump and pg_restore will not use it.");
            }
        } catch (IOException unreadable) {
            throw PgconvoyException.usage(
                    endpoint.label() + ": sslkey: cannot read " + key + ": " + FileTrouble.reason(unreadable),
                    "Give a file that is there and that this user may read.");
        }
    }

    private void addFile(String parameter, String file, Map<String, String> parameters) {
        home.found()
                .map(folder -> folder.resolve(".postgresql").resolve(file))
                .filter(Files::exists)
                .ifPresent(path -> parameters.putIfAbsent(parameter, path.toString()));
    }
}
