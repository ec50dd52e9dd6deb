package io.pgconvoy.preflight.database;

import static io.pgconvoy.catalog.objects.ExtensionMembers.TO_PUBLIC;

import io.pgconvoy.catalog.objects.ExtensionCatalog.Installed;
import io.pgconvoy.catalog.objects.ExtensionMember;
import io.pgconvoy.catalog.objects.ExtensionMembers;
import io.pgconvoy.catalog.objects.MemberComparison;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.DatabaseCheck;
import io.pgconvoy.preflight.Sign;
import io.pgconvoy.preflight.SourceDatabase;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What users added to extensions, by ALTER EXTENSION ADD or on an extension's tables: pg_dump takes it for the extension's own
 * and leaves it out, with its rows. And members of an extension that users replaced or altered.
 */
public final class ExtensionAdditionsCheck extends DatabaseCheck {
    private final Extensions extensions;
    private final ExtensionTrial trial;

    /** By the rows of the catalogs that tell of them. */
    private final Map<String, List<ExtensionMember>> known = new HashMap<>();

    public ExtensionAdditionsCheck(Extensions extensions, ExtensionTrial trial) {
        super(
                "extension-additions",
                "blocker, warning",
                "objects of every kind that belong to an extension which does not make them (`ALTER"
                        + " EXTENSION ... ADD`), and indexes, columns, constraints, triggers, rules and policies"
                        + " on an extension's table: pg_dump leaves them out, with their rows. Warnings: members"
                        + " of an extension that were replaced or altered, where the target offers the same"
                        + " version of it; on a source of 9.5 privileges on members");
        this.extensions = extensions;
        this.trial = trial;
    }

    @Override
    public List<Sign> signs(CheckContext context) {
        return List.of(Sign.ALWAYS, Sign.EXTENSIONS);
    }

    @Override
    public List<Finding> run(CheckContext context, SourceDatabase database) {
        List<ExtensionMember> members = members(database);
        List<Place> added = new ArrayList<>();
        List<Place> doubtful = new ArrayList<>();
        List<Place> changed = new ArrayList<>();
        ExtensionTrial.Outcome created = trial.inSameVersion(context, database);
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
        return onSource(
                blocker(
                                "objects belong to extensions that do not make them: pg_dump leaves them out, with all"
                                        + " their rows",
                                "ALTER EXTENSION ... DROP ... on the source makes them yours again, so that they are"
                                        + " carried over. What was made on an extension's table has to be made again on the"
                                        + " target.")
                        .at(added),
                warning(
                                "objects belong to extensions whose version on the target does not make them: they do not"
                                        + " arrive",
                                "Where they are your own, ALTER EXTENSION ... DROP ... on the source before.")
                        .at(doubtful),
                warning(
                                "members of extensions were replaced or altered: they arrive as the extension makes them",
                                "Do the same on the target afterwards, or have an object of your own instead.")
                        .at(changed),
                warning(
                                "privileges on members of extensions were changed, which pg_dump does not carry over from"
                                        + " a server before 9.6",
                                "GRANT and REVOKE them on the target again.")
                        .at(privileges(database, created)));
    }

    /** Of plpgsql alone, those of another database where it is the same: rows that one transaction wrote are. */
    private List<ExtensionMember> members(SourceDatabase database) {
        Optional<String> rows = database.shows(Sign.EXTENSIONS)
                ? Optional.empty()
                : database.session().text(ExtensionMembers.ROWS);
        if (rows.isEmpty()) {
            return ExtensionMembers.read(database.session());
        }
        return known.computeIfAbsent(rows.get(), unknown -> ExtensionMembers.read(database.session()));
    }

    private static List<Place> privileges(SourceDatabase database, ExtensionTrial.Outcome created) {
        if (database.version().isAtLeast(ServerVersion.V9_6)) {
            return List.of();
        }
        Set<String> here = ExtensionMembers.privileges(database.session());
        Stream<String> given = here.stream()
                .filter(privilege ->
                        !privilege.endsWith(TO_PUBLIC) && !created.privileges().contains(privilege));
        Set<String> all = ExtensionMembers.read(database.session()).stream()
                .map(ExtensionMember::identity)
                .collect(Collectors.toSet());
        // What everybody had in the old version of an extension, and has no more, its authors took away.
        Stream<String> taken = created.privileges().stream()
                .filter(privilege ->
                        privilege.endsWith(TO_PUBLIC) && !here.contains(privilege) && all.contains(objectOf(privilege)))
                .map(privilege -> "no " + privilege);
        return Stream.concat(given, taken)
                .sorted()
                .map(text -> database.place(text))
                .toList();
    }

    private static String objectOf(String privilegeOfPublic) {
        return privilegeOfPublic.substring(
                privilegeOfPublic.indexOf(" on ") + 4, privilegeOfPublic.length() - TO_PUBLIC.length());
    }

    private static List<Place> places(SourceDatabase database, List<ExtensionMember> members) {
        return members.stream()
                .map(member -> member.identity() + " (extension " + member.extension() + ")")
                .sorted()
                .map(object -> database.place(object))
                .collect(Collectors.toList());
    }
}
