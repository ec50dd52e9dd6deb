package io.pgconvoy.preflight.server;

import io.pgconvoy.catalog.Role;
import io.pgconvoy.catalog.RoleCatalog;
import io.pgconvoy.catalog.RoleFlag;
import io.pgconvoy.catalog.ServerFacts;
import io.pgconvoy.config.Secret;
import io.pgconvoy.globals.PasswordText;
import io.pgconvoy.globals.ReservedRoles;
import io.pgconvoy.model.Announced;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.ServerCheck;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Roles that the target has already, with other attributes or another password: they are given the source's. */
public final class ExistingRoleCheck extends ServerCheck {
    public ExistingRoleCheck() {
        super(
                Announced.EXISTING_ROLES.check(),
                "note",
                "roles that the target has with other attributes or another password, which are made as"
                        + " on the source; a password that the source's role has not is kept (not with"
                        + " `--migrate-globals=false`)");
    }

    @Override
    public List<Finding> run(CheckContext context) {
        if (!context.config().migrateGlobals()) {
            return List.of();
        }
        RoleCatalog.Roles source = RoleCatalog.roles(context.onSource());
        RoleCatalog.Roles target = RoleCatalog.roles(context.onTarget());
        ServerFacts facts = ServerFacts.read(context.onTarget());
        List<Place> places = new ArrayList<>();
        for (Role role : source.roles()) {
            Optional<Role> counterpart = target.find(role.name());
            if (counterpart.isPresent() && !ReservedRoles.isProtected(role.name(), facts)) {
                List<String> differences = differences(role, counterpart.get(), source.passwordsReadable());
                if (!differences.isEmpty()) {
                    places.add(Place.of("role \"" + role.name() + "\" (" + String.join(", ", differences) + ")"));
                }
            }
        }
        return onTarget(note(
                        context.target().label()
                                + " has roles of the same name that differ, and are made as they are on the source",
                        "If they are not the same people's, rename them on one side first, or give"
                                + " --migrate-globals=false.")
                .at(places));
    }

    private static List<String> differences(Role source, Role target, boolean passwordsReadable) {
        List<String> differences = new ArrayList<>();
        for (RoleFlag flag : RoleFlag.values()) {
            if (source.has(flag) != target.has(flag)) {
                differences.add((source.has(flag) ? "" : "NO") + flag.name());
            }
        }
        if (source.connectionLimit() != target.connectionLimit()) {
            differences.add("CONNECTION LIMIT " + source.connectionLimit());
        }
        String never = "infinity";
        if (!source.validUntil().orElse(never).equals(target.validUntil().orElse(never))) {
            differences.add("VALID UNTIL " + source.validUntil().orElse(never));
        }
        Optional<Secret> here = source.password();
        Optional<Secret> there = target.password();
        if (here.isEmpty() && there.isPresent() && passwordsReadable) {
            differences.add("keeps its password, the source's has none");
        }
        if (here.isPresent() && there.isPresent() && !PasswordText.same(source.name(), here.get(), there.get())) {
            differences.add("another password");
        }
        return differences;
    }
}
