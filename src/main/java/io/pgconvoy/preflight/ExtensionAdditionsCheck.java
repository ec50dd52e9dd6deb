package io.pgconvoy.preflight;

import io.pgconvoy.catalog.ExtensionCatalog.Installed;
import io.pgconvoy.catalog.ExtensionMember;
import io.pgconvoy.catalog.ExtensionMembers;
import io.pgconvoy.catalog.MemberComparison;
import io.pgconvoy.config.Side;
import io.pgconvoy.preflight.Finding.Place;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What users added to extensions, by ALTER EXTENSION ADD or on an extension's tables: pg_dump takes it for the extension's own
 * and leaves it out, with its rows. And functions of an extension that users replaced or altered.
 */
final class ExtensionAdditionsCheck implements DatabaseCheck {
    private final Extensions extensions;
    private final ExtensionTrial trial;

    ExtensionAdditionsCheck(Extensions extensions, ExtensionTrial trial) {
        this.extensions = extensions;
        this.trial = trial;
    }

    @Override
    public String name() {
        return "extension-additions";
    }

    @Override
    public List<Finding> run(Situation situation, SourceDatabase database) throws SQLException {
        List<ExtensionMember> members = ExtensionMembers.read(database.connection());
        List<Place> added = new ArrayList<>();
        List<Place> doubtful = new ArrayList<>();
        List<Place> changed = new ArrayList<>();
        ExtensionTrial.Outcome created = trial.inSameVersion(situation, database);
        List<Installed> all = extensions.in(database);
        for (String extension : members.stream()
                .map(ExtensionMember::extension)
                .distinct()
                .sorted()
                .toList()) {
            List<ExtensionMember> reference = created.of(extension);
            if (reference.isEmpty()) {
                continue;
            }
            List<ExtensionMember> here = members.stream()
                    .filter(member -> member.extension().equals(extension))
                    .toList();
            // plpgsql is in no list, and of the same version everywhere.
            boolean exact = all.stream()
                    .filter(one -> one.name().equals(extension))
                    .allMatch(one -> one.version().equals(created.versions().get(extension)));
            MemberComparison comparison = new MemberComparison(here, reference, exact);
            added.addAll(places(database, comparison.added()));
            doubtful.addAll(places(database, comparison.doubtful()));
            changed.addAll(places(database, comparison.changed(here)));
        }
        return Stream.of(
                        Finding.blocker(
                                        this,
                                        "objects belong to extensions that do not make them: pg_dump leaves them out, with all"
                                                + " their rows",
                                        "ALTER EXTENSION ... DROP ... on the source makes them yours again, so that they are"
                                                + " carried over. What was made on an extension's table has to be made again on the"
                                                + " target.")
                                .at(added),
                        Finding.warning(
                                        this,
                                        "objects belong to extensions whose version on the target does not make them: they do not"
                                                + " arrive",
                                        "Where they are your own, ALTER EXTENSION ... DROP ... on the source before.")
                                .at(doubtful),
                        Finding.warning(
                                        this,
                                        "functions of extensions were replaced or altered: they arrive as the extension makes them",
                                        "Do the same on the target afterwards, or have a function of your own instead.")
                                .at(changed))
                .filter(finding -> !finding.places().isEmpty())
                .map(finding -> finding.on(Side.SOURCE))
                .toList();
    }

    private static List<Place> places(SourceDatabase database, List<ExtensionMember> members) {
        return members.stream()
                .map(member -> member.identity() + " (extension " + member.extension() + ")")
                .sorted()
                .map(object -> Place.of(database.name(), object))
                .collect(Collectors.toList());
    }
}
