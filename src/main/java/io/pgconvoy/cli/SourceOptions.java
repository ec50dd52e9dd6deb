package io.pgconvoy.cli;

import io.pgconvoy.config.Endpoint;
import io.pgconvoy.config.Side;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The options that name the source. */
final class SourceOptions {
    @Option(
            names = "--from",
            paramLabel = "URI",
            description = "Source: postgresql://user@host:port/db?sslmode=verify-full, instead of the single options.")
    private String uri;

    @Option(names = "--from-host", paramLabel = "HOST", description = "Source host. Default: localhost")
    private String host;

    @Option(names = "--from-port", paramLabel = "PORT", description = "Source port. Default: 5432")
    private Integer port;

    @Option(names = "--from-user", paramLabel = "ROLE", description = "Source role. Default: postgres")
    private String user;

    @Option(
            names = "--from-pass",
            paramLabel = "PASSWORD",
            description = "Source password; other users of this machine can read it in the process list, so prefer"
                    + " PGCONVOY_FROM_PASS, --from-pass-file or ~/.pgpass.")
    private String password;

    @Option(names = "--from-pass-file", paramLabel = "FILE", description = "File with the source password.")
    private Path passwordFile;

    @Option(names = "--from-db", paramLabel = "NAME", description = "Database used for discovery. Default: postgres")
    private String database;

    Endpoint endpoint() {
        return new EndpointOptions(Side.SOURCE, uri, host, port, user, password, passwordFile, database).endpoint();
    }
}
