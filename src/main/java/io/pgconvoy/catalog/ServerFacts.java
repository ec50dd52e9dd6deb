package io.pgconvoy.catalog;

import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;

/**
 * What decides which statements about globals a server takes, and from whom.
 *
 * @param user who is connected
 * @param userFlags this user's attributes
 * @param bootstrapSuperuser the role that initdb made, often but not always called postgres
 * @param roles the names of all roles
 * @param tablespaces the names of all tablespaces
 */
public record ServerFacts(
        ServerVersion version,
        String user,
        Set<RoleFlag> userFlags,
        String bootstrapSuperuser,
        Set<String> roles,
        Set<String> tablespaces) {
    public ServerFacts {
        Objects.requireNonNull(version);
        Objects.requireNonNull(user);
        userFlags = Set.copyOf(userFlags);
        Objects.requireNonNull(bootstrapSuperuser);
        roles = Set.copyOf(roles);
        tablespaces = Set.copyOf(tablespaces);
    }

    /** Asks the server, at once. */
    public static ServerFacts read(Session session) {
        RoleCatalog.Roles roles = RoleCatalog.roles(session);
        String user = SharedText.all(session, "session_user", "").get(0);
        String bootstrap = roles.roles().stream()
                .filter(role -> role.oid() == Role.BOOTSTRAP_SUPERUSER)
                .map(Role::name)
                .findFirst()
                .orElse("postgres");
        return new ServerFacts(
                session.version(),
                user,
                roles.find(user).map(Role::flags).orElse(Set.of()),
                bootstrap,
                roles.names(),
                Set.copyOf(SharedText.all(session, "spcname", "FROM pg_catalog.pg_tablespace")));
    }

    public boolean isSuperuser() {
        return userFlags.contains(RoleFlag.SUPERUSER);
    }

    /** The same facts once these roles exist too: what a plan may assume before it is carried out. */
    public ServerFacts withRoles(Set<String> more) {
        Set<String> all = new HashSet<>(roles);
        all.addAll(more);
        return new ServerFacts(version, user, userFlags, bootstrapSuperuser, all, tablespaces);
    }
}
