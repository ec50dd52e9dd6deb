package io.pgconvoy.preflight.database;

import io.pgconvoy.catalog.objects.ExtensionCatalog;
import io.pgconvoy.catalog.objects.ExtensionCatalog.Available;
import io.pgconvoy.catalog.objects.ExtensionCatalog.Installed;
import io.pgconvoy.catalog.objects.ExtensionMember;
import io.pgconvoy.catalog.objects.ExtensionMembers;
import io.pgconvoy.catalog.objects.ExtensionMembers.LeftOut;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.Sql;
import io.pgconvoy.postgres.SqlFailure;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.SourceDatabase;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What CREATE EXTENSION makes on the target: it is run there in a transaction that is rolled back. Once for each set of
 * extensions that databases have.
 */
public final class ExtensionTrial {
    private static final Logger log = LoggerFactory.getLogger(ExtensionTrial.class);

    /**
     * What came of it.
     *
     * @param versions the version of each extension that could be created
     * @param members all that belongs to them
     * @param leftOut how many rows, by table, they hold themselves that pg_dump would leave out
     * @param contents a digest of these rows, where there are not too many
     * @param privileges who but the owner may do what with the members
     */
    record Outcome(
            Map<String, String> versions,
            List<ExtensionMember> members,
            Map<String, Long> leftOut,
            Map<String, String> contents,
            Set<String> privileges) {
        Outcome {
            versions = Map.copyOf(versions);
            members = List.copyOf(members);
            leftOut = Map.copyOf(leftOut);
            contents = Map.copyOf(contents);
            privileges = Set.copyOf(privileges);
        }

        /** The members of one extension. */
        List<ExtensionMember> of(String extension) {
            return members.stream()
                    .filter(member -> member.extension().equals(extension))
                    .toList();
        }
    }

    /**
     * An extension to be created.
     *
     * @param version empty for the default one
     */
    private record Wanted(String name, String schema, String version) {}

    private final Extensions extensions;
    private final Map<List<Wanted>, Outcome> known = new HashMap<>();
    private Set<String> offered;

    public ExtensionTrial(Extensions extensions) {
        this.extensions = extensions;
    }

    /** In the version that the migration will create. */
    Outcome byDefault(CheckContext context, SourceDatabase database) {
        return create(context, database, false);
    }

    /** In the source's version, where the target has that one too, else in the default one. */
    Outcome inSameVersion(CheckContext context, SourceDatabase database) {
        return create(context, database, true);
    }

    private Outcome create(CheckContext context, SourceDatabase database, boolean sameVersion) {
        List<Wanted> wanted = new ArrayList<>();
        Map<String, Available> available = extensions.onTarget(context);
        for (Installed extension : extensions.in(database)) {
            Available offer = available.get(extension.name());
            boolean isThere = sameVersion
                    && offer != null
                    && !offer.version().equals(extension.version())
                    && offered(context).contains(extension.name() + " " + extension.version());
            wanted.add(new Wanted(extension.name(), extension.schema(), isThere ? extension.version() : ""));
        }
        List<Wanted> all = List.copyOf(wanted);
        Outcome outcome = known.get(all);
        if (outcome == null) {
            outcome = context.onTarget().rolledBack(session -> create(session, all, available));
            known.put(all, outcome);
        }
        return outcome;
    }

    private Set<String> offered(CheckContext context) {
        if (offered == null) {
            offered = Set.copyOf(
                    context.onTarget().texts("SELECT name || ' ' || version FROM pg_available_extension_versions"));
        }
        return offered;
    }

    private static Outcome create(Session session, List<Wanted> wanted, Map<String, Available> available) {
        session.execute("SET LOCAL lock_timeout = '5s'; SET LOCAL statement_timeout = '60s';"
                + " SET LOCAL client_min_messages = error");
        Set<String> done = new HashSet<>();
        for (Wanted extension : wanted) {
            create(session, extension, wanted, available, done);
        }
        Map<String, Long> rows = new TreeMap<>();
        Map<String, String> contents = new TreeMap<>();
        for (LeftOut table : ExtensionMembers.leftOut(session)) {
            rows.put(table.identity(), session.number("SELECT " + table.expression()));
            session.texts("SELECT coalesce(" + table.contents() + ", '')")
                    .forEach(digest -> contents.put(table.identity(), digest));
        }
        Map<String, String> versions = ExtensionCatalog.installed(session).stream()
                .collect(Collectors.toMap(Installed::name, Installed::version));
        return new Outcome(
                versions, ExtensionMembers.read(session), rows, contents, ExtensionMembers.privileges(session));
    }

    /** With those first that it requires, in the schemas that they have on the source. */
    private static void create(
            Session session,
            Wanted extension,
            List<Wanted> wanted,
            Map<String, Available> available,
            Set<String> done) {
        Available offer = available.get(extension.name());
        if (offer == null || !done.add(extension.name())) {
            return;
        }
        for (Wanted other : wanted) {
            if (offer.requires().contains(other.name())) {
                create(session, other, wanted, available, done);
            }
        }
        String name = Sql.identifier(extension.name());
        String schema = Sql.identifier(extension.schema());
        // Where its author has decided on the schema, it makes that itself.
        boolean free = offer.schema().isEmpty();
        try {
            session.kept(inside -> {
                inside.execute("DROP EXTENSION IF EXISTS " + name + " CASCADE");
                if (free && !extension.schema().equals("pg_catalog")) {
                    inside.execute("CREATE SCHEMA IF NOT EXISTS " + schema);
                }
                inside.execute("CREATE EXTENSION " + name + (free ? " SCHEMA " + schema : "")
                        + (extension.version().isEmpty() ? "" : " VERSION " + Sql.identifier(extension.version())));
                return true;
            });
        } catch (SqlFailure failure) {
            // Other checks tell of what the target does not offer; a managed service may refuse this way of asking.
            log.debug("extension {} cannot be tried: {}", extension.name(), failure.reason());
        }
    }
}
