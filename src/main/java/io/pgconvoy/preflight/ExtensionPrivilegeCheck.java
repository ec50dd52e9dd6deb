package io.pgconvoy.preflight;

import io.pgconvoy.catalog.ExtensionCatalog.Available;
import io.pgconvoy.catalog.ExtensionCatalog.Installed;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Extensions that only superusers may create, where the target's user is none. No blocker: managed services let their
 * administrators create many of these by ways of their own, which cannot be asked for.
 */
final class ExtensionPrivilegeCheck implements DatabaseCheck {
    private final Extensions extensions;

    ExtensionPrivilegeCheck(Extensions extensions) {
        this.extensions = extensions;
    }

    @Override
    public String name() {
        return "extension-privileges";
    }

    @Override
    public List<Finding> run(Situation situation, SourceDatabase database) throws SQLException {
        if (situation.target().status().superuser()) {
            return List.of();
        }
        List<Place> places = new ArrayList<>();
        for (Installed extension : extensions.in(database)) {
            Available offer = extensions.onTarget(situation).get(extension.name());
            if (offer != null && offer.superuser() && !offer.trusted()) {
                places.add(Place.of(database.name(), "extension " + extension.name()));
            }
        }
        return places.isEmpty()
                ? List.of()
                : List.of(Finding.warning(
                                name(),
                                "PostgreSQL lets only superusers create these extensions, and "
                                        + situation.target().status().user() + " is none on the target",
                                "A managed service may allow it nevertheless (see its list); else connect as a superuser, or"
                                        + " drop them on the source.")
                        .at(places));
    }
}
