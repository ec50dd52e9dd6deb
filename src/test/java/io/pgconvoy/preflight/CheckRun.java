package io.pgconvoy.preflight;

import io.pgconvoy.catalog.DatabaseCatalog;
import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.catalog.ServerStatus;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.DatabaseOrder;
import io.pgconvoy.config.DatabaseSelection;
import io.pgconvoy.config.Deferral;
import io.pgconvoy.config.Endpoint;
import io.pgconvoy.config.MigrationConfig;
import io.pgconvoy.config.ParallelismRequest;
import io.pgconvoy.config.Secret;
import io.pgconvoy.config.Side;
import io.pgconvoy.config.TablespaceChoice;
import io.pgconvoy.config.VerifyLevel;
import io.pgconvoy.postgres.ClientTools;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.testing.EmbeddedServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * One check between two servers.
 *
 * @param targetDatabase where the target is asked
 * @param properties what the source is made to say about its databases
 */
record CheckRun(
        EmbeddedServer source,
        EmbeddedServer target,
        String sourceUser,
        String targetUser,
        String targetDatabase,
        boolean globals,
        boolean allowRestoreErrors,
        UnaryOperator<DatabaseProperties> properties) {
    static CheckRun between(EmbeddedServer source, EmbeddedServer target) {
        return new CheckRun(
                source, target, source.user(), target.user(), "postgres", true, false, UnaryOperator.identity());
    }

    CheckRun as(String onSource, String onTarget) {
        return new CheckRun(
                source, target, onSource, onTarget, targetDatabase, globals, allowRestoreErrors, properties);
    }

    CheckRun askingIn(String database) {
        return new CheckRun(source, target, sourceUser, targetUser, database, globals, allowRestoreErrors, properties);
    }

    CheckRun withoutGlobals() {
        return new CheckRun(
                source, target, sourceUser, targetUser, targetDatabase, false, allowRestoreErrors, properties);
    }

    CheckRun allowingRestoreErrors() {
        return new CheckRun(source, target, sourceUser, targetUser, targetDatabase, globals, true, properties);
    }

    CheckRun saying(UnaryOperator<DatabaseProperties> changed) {
        return new CheckRun(
                source, target, sourceUser, targetUser, targetDatabase, globals, allowRestoreErrors, changed);
    }

    /** What a check finds, with these databases to be moved. */
    List<Finding> run(Check check, String... databases) throws SQLException {
        Server from = Server.connect(endpoint(Side.SOURCE, source, sourceUser, "postgres"), "pgconvoy test");
        Server to = Server.connect(endpoint(Side.TARGET, target, targetUser, targetDatabase), "pgconvoy test");
        try (Connection here = from.open();
                Connection there = to.open()) {
            List<DatabaseProperties> chosen = DatabaseCatalog.list(here, from.version()).stream()
                    .filter(database ->
                            List.of(databases).contains(database.name().value()))
                    .map(properties)
                    .toList();
            Situation situation = new Situation(
                    config(from, to),
                    ClientTools.find(Optional.ofNullable(System.getenv("PGCONVOY_PG_BIN"))
                            .map(Path::of)),
                    new ServerSession(from, ServerStatus.of(from, here), here),
                    new ServerSession(to, ServerStatus.of(to, there), there),
                    chosen.stream()
                            .filter(DatabaseProperties::allowsConnections)
                            .toList(),
                    chosen.stream()
                            .filter(database -> !database.allowsConnections())
                            .toList(),
                    Set.of());
            return Finding.merged(
                    check instanceof ServerCheck server
                            ? server.run(situation)
                            : lookInto((DatabaseCheck) check, situation, from));
        }
    }

    /** The same as people read it: severity, name, sentence and advice. */
    List<String> texts(Check check, String... databases) throws SQLException {
        return run(check, databases).stream()
                .map(finding -> finding.severity() + " " + finding.check() + ": " + FindingText.sentence(finding) + ". "
                        + finding.advice())
                .toList();
    }

    private static List<Finding> lookInto(DatabaseCheck check, Situation situation, Server from) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        for (DatabaseProperties database : situation.databases()) {
            try (Connection connection = from.open(database.name())) {
                connection.setReadOnly(true);
                findings.addAll(check.run(situation, new SourceDatabase(database, connection, from.version())));
            }
        }
        findings.addAll(check.conclude(situation));
        return findings;
    }

    private MigrationConfig config(Server from, Server to) {
        OptionalInt fitted = OptionalInt.empty();
        return new MigrationConfig(
                from.endpoint(),
                to.endpoint(),
                new ParallelismRequest(fitted, fitted, fitted, fitted, fitted, fitted),
                new DatabaseSelection(List.of(), List.of(), DatabaseOrder.SIZE_ASC),
                Path.of("target", "no-such-dumps"),
                Optional.empty(),
                globals,
                true,
                TablespaceChoice.SAME,
                VerifyLevel.COUNT,
                Path.of("target", "no-such-state"),
                Optional.empty(),
                false,
                allowRestoreErrors,
                true,
                false,
                Set.of(),
                false,
                false,
                Deferral.NONE,
                Optional.empty());
    }

    private static Endpoint endpoint(Side side, EmbeddedServer server, String user, String database) {
        return new Endpoint(
                side,
                server.host(),
                server.port(),
                user,
                Optional.of(server.password()).filter(text -> !text.isEmpty()).map(Secret::new),
                new DatabaseName(database),
                Map.of());
    }
}
