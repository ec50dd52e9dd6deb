package io.pgconvoy.verify.inventory;

import io.pgconvoy.catalog.DatabaseCatalog;
import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.catalog.Membership;
import io.pgconvoy.catalog.ParameterPrivileges;
import io.pgconvoy.catalog.RoleCatalog;
import io.pgconvoy.catalog.SecurityLabel;
import io.pgconvoy.catalog.ServerFacts;
import io.pgconvoy.catalog.Setting;
import io.pgconvoy.catalog.SettingCatalog;
import io.pgconvoy.catalog.Tablespace;
import io.pgconvoy.catalog.TablespaceCatalog;
import io.pgconvoy.postgres.Session;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * What a server holds beside its databases' content: roles, memberships, settings, tablespaces, the databases' own
 * properties, privileges on parameters. It holds password hashes and is not for a file.
 *
 * @param knownSettings the names of all settings that the server knows, in lower case
 */
public record ServerInventory(
        ServerFacts facts,
        RoleCatalog.Roles roles,
        List<Membership> memberships,
        List<Setting> settings,
        Set<String> knownSettings,
        List<Tablespace> tablespaces,
        List<DatabaseProperties> databases,
        List<ParameterPrivileges> parameters,
        List<SecurityLabel> labels) {
    public ServerInventory {
        Objects.requireNonNull(facts);
        Objects.requireNonNull(roles);
        memberships = List.copyOf(memberships);
        settings = List.copyOf(settings);
        knownSettings = Set.copyOf(knownSettings);
        tablespaces = List.copyOf(tablespaces);
        databases = List.copyOf(databases);
        parameters = List.copyOf(parameters);
        labels = List.copyOf(labels);
    }

    /** Reads everything, in a session in any database, whose TimeZone is to be UTC. */
    public static ServerInventory read(Session session) {
        return new ServerInventory(
                ServerFacts.read(session),
                RoleCatalog.roles(session),
                RoleCatalog.memberships(session),
                SettingCatalog.list(session),
                SettingCatalog.known(session),
                TablespaceCatalog.list(session),
                DatabaseCatalog.list(session),
                ParameterPrivileges.list(session),
                SecurityLabel.list(session));
    }

    /** Without what is secret in it. */
    @Override
    public String toString() {
        return "ServerInventory[" + roles.roles().size() + " roles, " + databases.size() + " databases]";
    }
}
