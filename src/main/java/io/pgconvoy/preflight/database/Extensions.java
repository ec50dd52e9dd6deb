package io.pgconvoy.preflight.database;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.catalog.objects.ExtensionCatalog;
import io.pgconvoy.catalog.objects.ExtensionCatalog.Available;
import io.pgconvoy.catalog.objects.ExtensionCatalog.Installed;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.Sign;
import io.pgconvoy.preflight.SourceDatabase;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The extensions of both sides, asked once for all checks that compare them. */
public final class Extensions {
    /** Is in every database from the beginning. */
    private static final String PLPGSQL = "plpgsql";

    private Optional<Map<String, Available>> available = Optional.empty();
    private Optional<DatabaseProperties> last = Optional.empty();
    private List<Installed> installed = List.of();

    /** What the target offers, by name. */
    Map<String, Available> onTarget(CheckContext context) {
        if (available.isEmpty()) {
            available = Optional.of(ExtensionCatalog.available(context.onTarget()));
        }
        return available.get();
    }

    /** What a database of the source has, besides plpgsql. */
    List<Installed> in(SourceDatabase database) {
        if (!database.shows(Sign.EXTENSIONS)) {
            return List.of();
        }
        if (!last.equals(Optional.of(database.properties()))) {
            installed = ExtensionCatalog.installed(database.session()).stream()
                    .filter(extension -> !extension.name().equals(PLPGSQL))
                    .toList();
            last = Optional.of(database.properties());
        }
        return installed;
    }
}
