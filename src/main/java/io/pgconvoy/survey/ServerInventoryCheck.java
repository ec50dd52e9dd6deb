package io.pgconvoy.survey;

import io.pgconvoy.catalog.SettingValues;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.globals.ReservedRoles;
import io.pgconvoy.model.Difference;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.verify.inventory.ServerComparison;
import io.pgconvoy.verify.inventory.ServerInventory;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What comparing the servers outside of their databases found: roles, memberships, settings, tablespaces, and the databases'
 * own properties.
 *
 * @param differences what should not be
 * @param ownOfTarget what the target has of its own, which is no business of a migration's
 * @param announced what was announced not to arrive, such as settings that the target's version has no more
 */
public record ServerInventoryCheck(List<Difference> differences, List<String> ownOfTarget, List<String> announced) {
    private static final Set<String> MAY_BE_OWN = Set.of("role", "tablespace");

    public ServerInventoryCheck {
        differences = List.copyOf(differences);
        ownOfTarget = List.copyOf(ownOfTarget);
        announced = List.copyOf(announced);
    }

    /**
     * Asks both.
     *
     * @param databases those that are expected on the target
     */
    public static ServerInventoryCheck compare(Server source, Server target, Predicate<DatabaseName> databases) {
        List<Difference> differences = new ArrayList<>();
        List<String> own = new ArrayList<>();
        List<String> announced = new ArrayList<>();
        SettingValues values = new SettingValues();
        for (Difference found : ServerComparison.compare(
                read(source),
                read(target),
                databases,
                ReservedRoles::isReserved,
                (setting, value) -> refuses(target, values, setting, value))) {
            if (MAY_BE_OWN.contains(found.kind()) && found.what().equals(Difference.TARGET_ONLY)) {
                own.add(found.sentence());
            } else if (found.announced().isPresent()) {
                announced.add(found.sentence());
            } else {
                differences.add(found);
            }
        }
        return new ServerInventoryCheck(differences, own, announced);
    }

    private static boolean refuses(Server target, SettingValues values, String setting, String value) {
        try (Session session = target.session("trying the value of setting " + setting)) {
            return values.areRefused(session, setting, value);
        }
    }

    private static ServerInventory read(Server server) {
        try (Session session = server.session("reading roles, settings and tablespaces")) {
            return ServerInventory.read(session);
        }
    }
}
