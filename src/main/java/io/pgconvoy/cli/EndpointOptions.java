package io.pgconvoy.cli;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.Endpoint;
import io.pgconvoy.config.EndpointUri;
import io.pgconvoy.config.FileTrouble;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.config.Secret;
import io.pgconvoy.config.Side;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** What the options of one server say; the two mixins hold the options themselves, since their names differ. */
record EndpointOptions(
        Side side,
        String uri,
        String host,
        Integer port,
        String user,
        String password,
        Path passwordFile,
        String database) {
    /**
     * Builds the endpoint.
     *
     * @throws PgconvoyException of kind USAGE
     */
    Endpoint endpoint() {
        String prefix = "--" + side.optionPrefix();
        if (uri != null) {
            if (host != null || port != null || user != null || database != null) {
                throw PgconvoyException.usage(
                        prefix + " is given together with " + prefix + "-host, -port, -user or -db",
                        "Give the URI or the single options, not both (environment and configuration file count).");
            }
            Endpoint endpoint = EndpointUri.parse(side, uri);
            return secret().map(endpoint::withPassword).orElse(endpoint);
        }
        if (database != null && database.isEmpty()) {
            throw PgconvoyException.usage(prefix + "-db is empty", "Give a database's name.");
        }
        return new Endpoint(
                side,
                host == null ? "localhost" : host,
                port == null ? 5432 : port,
                user == null ? "postgres" : user,
                secret(),
                new DatabaseName(database == null ? "postgres" : database),
                Map.of());
    }

    private Optional<Secret> secret() {
        if (password != null && passwordFile != null) {
            throw PgconvoyException.usage(
                    "--" + side.optionPrefix() + "-pass is given together with --" + side.optionPrefix() + "-pass-file",
                    "Give one of them (environment and configuration file count).");
        }
        if (password != null) {
            return Optional.of(new Secret(password));
        }
        if (passwordFile == null) {
            return Optional.empty();
        }
        try {
            String text = Files.readString(passwordFile, StandardCharsets.UTF_8);
            String line = text.lines().findFirst().orElse("");
            if (line.isEmpty()) {
                throw PgconvoyException.usage(
                        "--" + side.optionPrefix() + "-pass-file: the first line of " + passwordFile + " is empty",
                        "Put the password alone into its first line.");
            }
            return Optional.of(new Secret(line));
        } catch (IOException failure) {
            throw PgconvoyException.usage(
                    "--" + side.optionPrefix() + "-pass-file: cannot read " + passwordFile + ": "
                            + FileTrouble.reason(failure),
                    "Give a readable file in UTF-8 with the password alone in its first line.");
        }
    }
}
