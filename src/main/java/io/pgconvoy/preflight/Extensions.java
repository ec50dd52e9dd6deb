package io.pgconvoy.preflight;

import io.pgconvoy.catalog.ExtensionCatalog;
import io.pgconvoy.catalog.ExtensionCatalog.Available;
import io.pgconvoy.catalog.ExtensionCatalog.Installed;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The extensions of both sides, asked once for all checks that compare them. */
final class Extensions {
    /** Is in every database from the beginning. */
    private static final String PLPGSQL = "plpgsql";

    private Optional<Map<String, Available>> available = Optional.empty();
    private Optional<SourceDatabase> last = Optional.empty();
    private List<Installed> installed = List.of();

    /** What the target offers, by name. */
    Map<String, Available> onTarget(Situation situation) throws SQLException {
        if (available.isEmpty()) {
            available = Optional.of(ExtensionCatalog.available(
                    situation.target().connection(), situation.target().version()));
        }
        return available.get();
    }

    /** What a database of the source has, besides plpgsql. */
    List<Installed> in(SourceDatabase database) throws SQLException {
        if (last.isEmpty() || last.get().connection() != database.connection()) {
            installed = ExtensionCatalog.installed(database.connection()).stream()
                    .filter(extension -> !extension.name().equals(PLPGSQL))
                    .toList();
            last = Optional.of(database);
        }
        return installed;
    }
}
