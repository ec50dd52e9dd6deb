package io.pgconvoy.preflight;

import io.pgconvoy.catalog.ExtensionCatalog.Available;
import io.pgconvoy.catalog.ExtensionCatalog.Installed;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Extensions that CREATE EXTENSION will not create on the target: pg_dump writes it with the schema and without a version,
 * and names no other extension that a newer version requires.
 */
final class ExtensionCheck implements DatabaseCheck {
    private final Extensions extensions;

    ExtensionCheck(Extensions extensions) {
        this.extensions = extensions;
    }

    @Override
    public String name() {
        return "extensions";
    }

    @Override
    public List<Finding> run(Situation situation, SourceDatabase database) throws SQLException {
        Map<String, Available> offered = extensions.onTarget(situation);
        List<Installed> installed = extensions.in(database);
        Set<String> names = installed.stream().map(Installed::name).collect(Collectors.toSet());
        List<Finding> findings = new ArrayList<>();
        for (Installed extension : installed) {
            trouble(situation, extension, Optional.ofNullable(offered.get(extension.name())), names)
                    .ifPresent(finding -> findings.add(
                            finding.as(RestoreErrors.severity(situation)).at(List.of(Place.of(database.name())))));
        }
        return findings;
    }

    private Optional<Finding> trouble(
            Situation situation, Installed extension, Optional<Available> offer, Set<String> others) {
        String name = extension.name();
        if (offer.isEmpty()) {
            return Optional.of(Finding.warning(
                    name(),
                    "the target has no extension " + name,
                    KnownExtensions.whatToDo(name, situation.target().version())));
        }
        Available available = offer.get();
        Optional<String> schema = available.schema();
        if (schema.isPresent() && !schema.get().equals(extension.schema())) {
            return Optional.of(Finding.warning(
                    name(),
                    "extension " + name + " " + available.version() + " must be in schema " + schema.get()
                            + " on the target, but is in " + extension.schema(),
                    "ALTER EXTENSION ... SET SCHEMA on the source if it can be moved, else install the source's version on"
                            + " the target's host."));
        }
        List<String> missing = available.requires().stream()
                .filter(required -> !others.contains(required) && !required.equals("plpgsql"))
                .toList();
        return missing.isEmpty()
                ? Optional.empty()
                : Optional.of(Finding.warning(
                        name(),
                        "extension " + name + " " + available.version() + " needs " + String.join(", ", missing)
                                + " on the target, which the source's database does not have",
                        "CREATE EXTENSION it on the source, so that it is carried over, too."));
    }
}
