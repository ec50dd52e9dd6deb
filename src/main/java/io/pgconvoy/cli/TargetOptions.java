package io.pgconvoy.cli;

import io.pgconvoy.config.Endpoint;
import io.pgconvoy.config.Side;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The options that name the target. */
final class TargetOptions {
    @Option(
            names = "--to",
            paramLabel = "URI",
            description = "Target: postgresql://user@host:port/db?sslmode=verify-full, instead of the single options.")
    private String uri;

    @Option(names = "--to-host", paramLabel = "HOST", description = "Target host. Default: localhost")
    private String host;

    @Option(names = "--to-port", paramLabel = "PORT", description = "Target port. Default: 5432")
    private Integer port;

    @Option(names = "--to-user", paramLabel = "ROLE", description = "Target role. Default: postgres")
    private String user;

    @Option(
            names = "--to-pass",
            paramLabel = "PASSWORD",
            description = "Target password; other users of this machine can read it in the process list, so prefer"
                    + " PGCONVOY_TO_PASS, --to-pass-file or ~/.pgpass.")
    private String password;

    @Option(names = "--to-pass-file", paramLabel = "FILE", description = "File with the target password.")
    private Path passwordFile;

    @Option(
            names = "--to-db",
            paramLabel = "NAME",
            description = "Database used for ALTER SYSTEM and globals. Default: postgres")
    private String database;

    Endpoint endpoint() {
        return new EndpointOptions(Side.TARGET, uri, host, port, user, password, passwordFile, database).endpoint();
    }
}
