package io.pgconvoy.preflight.server;

import io.pgconvoy.catalog.Role;
import io.pgconvoy.catalog.RoleCatalog;
import io.pgconvoy.catalog.RoleFlag;
import io.pgconvoy.catalog.ServerFacts;
import io.pgconvoy.config.Side;
import io.pgconvoy.globals.PasswordText;
import io.pgconvoy.globals.ReservedRoles;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.SqlFailure;
import io.pgconvoy.postgres.SqlState;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.ServerCheck;
import io.pgconvoy.preflight.ServerSession;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Roles that could log in to the source with their password and could not to the target: without one where pg_authid is out
 * of reach, or with an md5 hash where pg_hba.conf asks for scram-sha-256 (its method md5 takes both).
 *
 * @see <a href="https://www.postgresql.org/docs/current/auth-password.html">Password Authentication</a>
 */
public final class RolePasswordCheck extends ServerCheck {
    public RolePasswordCheck() {
        super(
                "role-passwords",
                "warning, note",
                "roles that arrive without a password, as pg_authid is out of reach; md5 passwords where"
                        + " the target's pg_hba.conf asks for scram-sha-256, or from 18 on at all; passwords in"
                        + " plain text (before 10)");
    }

    @Override
    public List<Finding> run(CheckContext context) {
        if (!context.config().migrateGlobals()) {
            return List.of();
        }
        ServerFacts target = ServerFacts.read(context.onTarget());
        RoleCatalog.Roles source = RoleCatalog.roles(context.onSource());
        List<Role> roles = source.roles().stream()
                .filter(role -> role.has(RoleFlag.LOGIN) && !ReservedRoles.isProtected(role.name(), target))
                .toList();
        if (!source.passwordsReadable()) {
            return onSource(warning(
                            "role " + context.source().status().user()
                                    + " may not read pg_authid, so these roles arrive without a password",
                            "Connect as a superuser of the source, or set their passwords on the target"
                                    + " (ALTER ROLE ... PASSWORD, or \\password in psql).")
                    .at(places(roles, role -> !target.roles().contains(role.name()))));
        }
        Set<String> scram = scram(context.target());
        Predicate<Role> md5 =
                role -> role.password().filter(PasswordText::isMd5).isPresent();
        Predicate<Role> locked =
                md5.and(role -> scram.contains("all") || scram.contains(role.name()) || scram.contains(""));
        boolean deprecated = context.target().version().isAtLeast(ServerVersion.V18);
        return found(
                warning(
                                "these roles have md5 passwords, with which they cannot log in where the target's"
                                        + " pg_hba.conf asks for scram-sha-256",
                                "Give them new passwords (with password_encryption = 'scram-sha-256'), or have its method md5"
                                        + " stand in pg_hba.conf, which takes both.")
                        .on(Side.TARGET)
                        .at(places(roles, locked)),
                note(
                                "these roles have md5 passwords, which are deprecated since PostgreSQL 18",
                                "Give them new passwords one day, with password_encryption = 'scram-sha-256'.")
                        .on(Side.TARGET)
                        .at(places(deprecated ? roles : List.of(), md5.and(locked.negate()))),
                note(
                                "these roles have their passwords in plain text, which the target encrypts",
                                "Whoever has read the source's pg_authid knows them: give them new ones.")
                        .on(Side.SOURCE)
                        .at(places(
                                roles,
                                role -> role.password()
                                        .filter(PasswordText::isPlain)
                                        .isPresent())));
    }

    private static List<Place> places(List<Role> roles, Predicate<Role> which) {
        return roles.stream()
                .filter(which)
                .map(role -> Place.of("role \"" + role.name() + "\""))
                .toList();
    }

    /**
     * For whom the target asks for scram-sha-256: names, {@code all}, and an empty name for a group or a pattern, whose
     * members are not looked up; nobody where the file cannot be seen.
     */
    private static Set<String> scram(ServerSession target) {
        if (!target.version().isAtLeast(ServerVersion.V10)) {
            return Set.of();
        }
        try {
            return new HashSet<>(target.session().texts("""
                            SELECT unnest(user_name) FROM pg_hba_file_rules
                             WHERE auth_method = 'scram-sha-256' AND NOT ('replication' = ANY (database))
                            """))
                    .stream()
                            .map(name -> name.startsWith("+") || name.startsWith("/") ? "" : name)
                            .collect(Collectors.toSet());
        } catch (SqlFailure failure) {
            if (SqlState.isPrivilege(failure)) {
                return Set.of();
            }
            throw failure;
        }
    }
}
