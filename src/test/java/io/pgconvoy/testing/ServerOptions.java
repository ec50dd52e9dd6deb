package io.pgconvoy.testing;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How a private server is made. Immutable; each {@code with} method returns a changed copy.
 *
 * @param binaries the programs to run
 * @param settings goes into postgresql.conf, so that ALTER SYSTEM prevails over it
 * @param arguments given to postgres on its command line, where nothing prevails over them
 * @param password of the superuser, asked for over TCP; without one everybody is trusted
 * @param authentication the method in pg_hba.conf when there is a password
 */
public record ServerOptions(
        PostgresBinaries binaries,
        Map<String, String> settings,
        List<String> arguments,
        Optional<String> password,
        String authentication) {

    public ServerOptions {
        settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
        arguments = List.copyOf(arguments);
    }

    /** A server of a major version with nothing special. */
    public static ServerOptions of(String version) {
        return of(PostgresBinaries.find(version)
                .orElseThrow(() -> new IllegalArgumentException("no PostgreSQL " + version
                        + ": neither target/postgres/postgres-" + version + ".jar nor /usr/lib/postgresql/" + version
                        + "/bin is there (mvn process-test-resources copies the former)")));
    }

    /** A server of the given programs with nothing special. */
    public static ServerOptions of(PostgresBinaries binaries) {
        return new ServerOptions(binaries, Map.of(), List.of(), Optional.empty(), "trust");
    }

    public ServerOptions withSetting(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(settings);
        more.put(name, value);
        return new ServerOptions(binaries, more, arguments, password, authentication);
    }

    /** Never waits for the disk: for sources, whose settings a migration leaves alone. */
    public ServerOptions withoutSync() {
        return withSetting("fsync", "off")
                .withSetting("synchronous_commit", "off")
                .withSetting("full_page_writes", "off");
    }

    public ServerOptions withArguments(String... more) {
        List<String> all = Stream.concat(arguments.stream(), Stream.of(more)).toList();
        return new ServerOptions(binaries, settings, all, password, authentication);
    }

    /** Asks for a password over TCP: md5 before version 10, scram-sha-256 since. */
    public ServerOptions withPassword(String secret) {
        return withPassword(secret, binaries.version().startsWith("9.") ? "md5" : "scram-sha-256");
    }

    public ServerOptions withPassword(String secret, String method) {
        return new ServerOptions(binaries, settings, arguments, Optional.of(secret), method);
    }
}
