package io.pgconvoy.globals;

import io.pgconvoy.catalog.RoleCatalog;
import io.pgconvoy.catalog.RoleFlag;
import io.pgconvoy.catalog.ServerFacts;
import io.pgconvoy.postgres.Session;
import java.util.Set;

/** Tells before anything is changed which roles a target will have. */
public final class RoleForecast {
    private RoleForecast() {}

    /**
     * The names of all roles that a target has once the globals are migrated, or has now where they are not.
     *
     * @param migrateGlobals whether the source's roles are to be created
     */
    public static Set<String> names(Session source, Session target, boolean migrateGlobals) {
        ServerFacts facts = ServerFacts.read(target);
        boolean mayCreate = facts.isSuperuser() || facts.userFlags().contains(RoleFlag.CREATEROLE);
        return migrateGlobals && mayCreate ? RolePlan.namesAfterwards(RoleCatalog.roles(source), facts) : facts.roles();
    }
}
