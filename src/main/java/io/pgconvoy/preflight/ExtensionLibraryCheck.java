package io.pgconvoy.preflight;

import io.pgconvoy.catalog.ExtensionCatalog.Installed;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Extensions that cannot be created unless the target preloads their library ({@link KnownExtensions}). Where its setting
 * may not be read (that takes pg_read_all_settings), the target is taken to have what it offers, as on a managed service.
 *
 * @see <a href="https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-SHARED-PRELOAD-LIBRARIES">
 *     shared_preload_libraries</a>
 */
final class ExtensionLibraryCheck implements DatabaseCheck {
    private final Extensions extensions;

    ExtensionLibraryCheck(Extensions extensions) {
        this.extensions = extensions;
    }

    @Override
    public String name() {
        return "extension-libraries";
    }

    @Override
    public List<Finding> run(Situation situation, SourceDatabase database) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        for (Installed extension : extensions.in(database)) {
            Optional<String> library = KnownExtensions.libraryToPreload(extension.name());
            if (library.isPresent()
                    && extensions.onTarget(situation).containsKey(extension.name())
                    && !isPreloaded(situation, library.get())) {
                findings.add(Finding.warning(
                                name(),
                                "extension " + extension.name()
                                        + " cannot be created until the target preloads its library",
                                "Add " + library.get() + " to shared_preload_libraries on the target, and restart it.")
                        .as(RestoreErrors.severity(situation))
                        .at(List.of(Place.of(database.name()))));
            }
        }
        return findings;
    }

    private static boolean isPreloaded(Situation situation, String library) throws SQLException {
        return UserObjects.column(
                        situation.target().connection(),
                        "SELECT setting FROM pg_settings WHERE name = 'shared_preload_libraries'")
                .stream()
                .allMatch(setting -> names(setting).contains(library));
    }

    /** Without their folders and suffixes. */
    private static Set<String> names(String setting) {
        return Arrays.stream(setting.split(","))
                .map(library -> library.strip()
                        .replaceAll("^\"|\"$", "")
                        .replaceAll("^.*/", "")
                        .replaceAll("\\.(so|dll|dylib)$", ""))
                .collect(Collectors.toSet());
    }
}
