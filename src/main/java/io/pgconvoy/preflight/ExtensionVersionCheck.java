package io.pgconvoy.preflight;

import io.pgconvoy.catalog.Announced;
import io.pgconvoy.catalog.ExtensionCatalog.Available;
import io.pgconvoy.catalog.ExtensionCatalog.Installed;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Extensions that are older on the target than on the source: what uses their newer functions will not restore. */
final class ExtensionVersionCheck implements DatabaseCheck {
    private final Extensions extensions;

    ExtensionVersionCheck(Extensions extensions) {
        this.extensions = extensions;
    }

    @Override
    public String name() {
        return Announced.EXTENSION_VERSIONS.check();
    }

    @Override
    public List<Finding> run(Situation situation, SourceDatabase database) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        for (Installed extension : extensions.in(database)) {
            Available offer = extensions.onTarget(situation).get(extension.name());
            if (offer != null && isOlder(offer.version(), extension.version())) {
                findings.add(Finding.warning(
                                name(),
                                "the target creates extension " + extension.name() + " in version " + offer.version()
                                        + ", older than the source's " + extension.version(),
                                "Install a newer package on the target's host, if objects use what came later.")
                        .at(List.of(Place.of(database.name()))));
            }
        }
        return findings;
    }

    /**
     * Whether one version comes before another: number by number, as in 1.9 and 1.10. PostgreSQL itself knows no order of
     * versions; where a part is no number, none is claimed.
     */
    static boolean isOlder(String version, String than) {
        String[] left = version.split("[.-]", -1);
        String[] right = than.split("[.-]", -1);
        for (int position = 0; position < Math.max(left.length, right.length); position++) {
            String one = position < left.length ? left[position] : "0";
            String other = position < right.length ? right[position] : "0";
            if (!one.matches("\\d{1,9}") || !other.matches("\\d{1,9}")) {
                return false;
            }
            int order = Integer.compare(Integer.parseInt(one), Integer.parseInt(other));
            if (order != 0) {
                return order < 0;
            }
        }
        return false;
    }
}
