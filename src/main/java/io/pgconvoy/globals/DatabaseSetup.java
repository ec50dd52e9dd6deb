package io.pgconvoy.globals;

import io.pgconvoy.catalog.DatabaseCatalog;
import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.catalog.Reach;
import io.pgconvoy.catalog.ServerFacts;
import io.pgconvoy.catalog.Setting;
import io.pgconvoy.catalog.SettingCatalog;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.config.TablespaceChoice;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Session;
import java.util.List;

/** Creates the source's databases on the target and, once they are restored, gives them the rest of what they had. */
public final class DatabaseSetup {
    private final Server source;
    private final Server target;
    private final TablespaceChoice tablespaces;

    public DatabaseSetup(Server source, Server target, TablespaceChoice tablespaces) {
        this.source = source;
        this.target = target;
        this.tablespaces = tablespaces;
    }

    /** The same as {@link #create(Session, DatabaseProperties, DatabaseName)} in another session. */
    public GlobalsResult create(DatabaseProperties properties, DatabaseName asName) {
        try (Session session = target.shared("creating a database")) {
            return create(session, properties, asName);
        }
    }

    /**
     * Creates an empty database, ready for the restore.
     *
     * @param shared a session on the target
     * @param asName its name on the target
     * @throws PgconvoyException where the target refuses
     */
    public GlobalsResult create(Session shared, DatabaseProperties properties, DatabaseName asName) {
        Session session = shared.doing("creating database \"" + asName + "\"");
        ServerFacts facts = ServerFacts.read(session);
        GlobalsResult result = StatementRunner.ofShared(session, facts.isSuperuser())
                .run(new DatabaseDefinition(properties, facts, tablespaces)
                        .create(asName, Reach.read(session), session.flag("SELECT current_setting('fsync')::boolean")));
        if (result.changes().isEmpty()) {
            // A refusal for lack of privilege counts as a warning elsewhere; here nothing can go on without it.
            List<String> reasons = result.failures().isEmpty() ? result.warnings() : result.failures();
            throw new PgconvoyException(
                    ErrorKind.TARGET,
                    target.label() + ": " + reasons.get(reasons.size() - 1),
                    "The target needs the source's encoding and locale, and a user who may create databases.");
        }
        return result;
    }

    /**
     * Completes a restored database: comment, privileges and flags, and all settings in it, of everybody and of single
     * roles. Nothing may need to connect to it in the name of the migration afterwards: where something does, the
     * properties have to allow connections, and the database is closed last.
     *
     * @param properties as the source has it
     * @param asName its name on the target
     */
    public GlobalsResult finish(DatabaseProperties properties, DatabaseName asName) {
        List<Setting> settings = sourceSettings().stream()
                .filter(setting -> setting.isIn(properties.name()))
                .map(setting -> setting.inDatabase(asName))
                .toList();
        try (Session session = target.shared("completing database \"" + asName + "\"")) {
            ServerFacts facts = ServerFacts.read(session);
            DatabaseProperties existing = DatabaseCatalog.find(session, asName)
                    .orElseThrow(() -> new PgconvoyException(
                            ErrorKind.TARGET,
                            target.label() + ": database \"" + asName + "\" is gone",
                            "It was there when its restore began; run the same command again to restore it."));
            return StatementRunner.ofShared(session, facts.isSuperuser())
                    .run(SettingPlan.of(settings, SettingCatalog.list(session), facts, tablespaces)
                            .plus(new DatabaseDefinition(properties, facts, tablespaces).finish(existing)));
        }
    }

    /** Carries over ALTER ROLE ALL's settings, which apply to every session: the migration's very last step. */
    public GlobalsResult applySettingsOfEverybody() {
        List<Setting> settings =
                sourceSettings().stream().filter(Setting::isOfEverybody).toList();
        try (Session session = target.session("setting what applies to all roles")) {
            ServerFacts facts = ServerFacts.read(session);
            return StatementRunner.ofShared(session, facts.isSuperuser())
                    .run(SettingPlan.of(settings, SettingCatalog.list(session), facts, tablespaces));
        }
    }

    private List<Setting> sourceSettings() {
        try (Session session = source.shared("reading settings")) {
            return SettingCatalog.list(session);
        }
    }
}
