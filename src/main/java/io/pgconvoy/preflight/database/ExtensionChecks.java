package io.pgconvoy.preflight.database;

import io.pgconvoy.catalog.objects.ExtensionCatalog.Available;
import io.pgconvoy.catalog.objects.ExtensionCatalog.Installed;
import io.pgconvoy.model.Announced;
import io.pgconvoy.model.Finding;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.DatabaseCheck;
import io.pgconvoy.preflight.Sign;
import io.pgconvoy.preflight.SourceDatabase;
import io.pgconvoy.preflight.server.PreloadedLibraryCheck;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The checks that look at each extension of a database, beside what the target offers of that name. */
public final class ExtensionChecks {
    private ExtensionChecks() {}

    /**
     * Those that CREATE EXTENSION will not create on the target: pg_dump writes it with the schema and without a version, and
     * names no other extension that a newer version requires.
     */
    public static DatabaseCheck creatable(Extensions extensions) {
        return new ExtensionCheck(
                extensions,
                "extensions",
                "blocker\\*",
                "extensions that the target does not have (where they are gone for good, with what took their place), that"
                        + " must be in another schema there, or that need another extension there") {
            @Override
            Optional<Finding> look(
                    CheckContext context, SourceDatabase database, Installed extension, Set<String> names) {
                String name = extension.name();
                Optional<Available> offer = offer(context, name);
                if (offer.isEmpty()) {
                    return Optional.of(refused(
                            context,
                            "the target has no extension " + name,
                            KnownExtensions.whatToDo(name, context.target().version())));
                }
                String known = "extension " + name + " " + offer.get().version();
                Optional<String> schema = offer.get().schema();
                if (schema.isPresent() && !schema.get().equals(extension.schema())) {
                    return Optional.of(refused(
                            context,
                            known + " must be in schema " + schema.get() + " on the target, but is in "
                                    + extension.schema(),
                            "ALTER EXTENSION ... SET SCHEMA on the source if it can be moved, else install the source's"
                                    + " version on the target's host."));
                }
                List<String> missing = offer.get().requires().stream()
                        .filter(required -> !names.contains(required) && !required.equals("plpgsql"))
                        .toList();
                return Optional.of(missing)
                        .filter(some -> !some.isEmpty())
                        .map(some -> refused(
                                context,
                                known + " needs " + String.join(", ", some)
                                        + " on the target, which the source's database does not have",
                                "CREATE EXTENSION it on the source, so that it is carried over, too."));
            }
        };
    }

    /** Those that are older on the target than on the source: what uses their newer functions will not restore. */
    public static DatabaseCheck versions(Extensions extensions) {
        return new ExtensionCheck(
                extensions,
                Announced.EXTENSION_VERSIONS.check(),
                "warning",
                "extensions that the target would create in an older version than the source has") {
            @Override
            Optional<Finding> look(
                    CheckContext context, SourceDatabase database, Installed extension, Set<String> names) {
                return offer(context, extension.name())
                        .filter(offer -> isOlder(offer.version(), extension.version()))
                        .map(offer -> warning(
                                "the target creates extension " + extension.name() + " in version " + offer.version()
                                        + ", older than the source's " + extension.version(),
                                "Install a newer package on the target's host, if objects use what came later."));
            }
        };
    }

    /**
     * Those that only superusers may create, where the target's user is none. No blocker: managed services let their
     * administrators create many of these by ways of their own, which cannot be asked for.
     */
    public static DatabaseCheck privileges(Extensions extensions) {
        return new ExtensionCheck(
                extensions,
                "extension-privileges",
                "warning",
                "extensions that only superusers create, where the target's user is none") {
            @Override
            Optional<Finding> look(
                    CheckContext context, SourceDatabase database, Installed extension, Set<String> names) {
                return offer(context, extension.name())
                        .filter(offer -> offer.superuser()
                                && !offer.trusted()
                                && !context.target().status().superuser())
                        .map(offer -> warning(
                                        "PostgreSQL lets only superusers create these extensions, and "
                                                + context.target().status().user() + " is none on the target",
                                        "A managed service may allow it nevertheless (see its list); else connect as a superuser,"
                                                + " or drop them on the source.")
                                .at(List.of(database.place("extension " + extension.name()))));
            }
        };
    }

    /**
     * Those that cannot be created unless the target preloads their library ({@link KnownExtensions}). Where its setting may
     * not be read (that takes pg_read_all_settings), the target is taken to have what it offers, as on a managed service.
     *
     * @see <a href="https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-SHARED-PRELOAD-LIBRARIES">
     *     shared_preload_libraries</a>
     */
    public static DatabaseCheck libraries(Extensions extensions) {
        return new ExtensionCheck(
                extensions,
                "extension-libraries",
                "blocker\\*",
                "extensions that cannot be created unless the target preloads their library (pg_cron, timescaledb, citus,"
                        + " pglogical, pgaudit)") {
            @Override
            Optional<Finding> look(
                    CheckContext context, SourceDatabase database, Installed extension, Set<String> names) {
                if (offer(context, extension.name()).isEmpty()) {
                    return Optional.empty();
                }
                return KnownExtensions.libraryToPreload(extension.name())
                        .filter(library -> context
                                .onTarget()
                                .texts("SELECT setting FROM pg_settings WHERE name = 'shared_preload_libraries'")
                                .stream()
                                .anyMatch(setting ->
                                        !PreloadedLibraryCheck.names(setting).contains(library)))
                        .map(library -> refused(
                                context,
                                "extension " + extension.name()
                                        + " cannot be created until the target preloads its library",
                                "Add " + library + " to shared_preload_libraries on the target, and restart it."));
            }
        };
    }

    /** A check of one extension after the other. */
    private abstract static class ExtensionCheck extends DatabaseCheck {
        private final Extensions extensions;

        ExtensionCheck(Extensions extensions, String name, String severities, String about) {
            super(name, severities, about);
            this.extensions = extensions;
        }

        @Override
        public List<Sign> signs(CheckContext context) {
            return List.of(Sign.EXTENSIONS);
        }

        @Override
        public List<Finding> run(CheckContext context, SourceDatabase database) {
            List<Installed> installed = extensions.in(database);
            Set<String> names = installed.stream().map(Installed::name).collect(Collectors.toSet());
            List<Finding> findings = new ArrayList<>();
            for (Installed extension : installed) {
                look(context, database, extension, names)
                        .ifPresent(finding ->
                                findings.add(finding.places().isEmpty() ? finding.at(database.itself()) : finding));
            }
            return findings;
        }

        /**
         * What is the matter with one; in its database, where it names no place.
         *
         * @param names all that the database has
         */
        abstract Optional<Finding> look(
                CheckContext context, SourceDatabase database, Installed extension, Set<String> names);

        /** What the target has of a name. */
        final Optional<Available> offer(CheckContext context, String name) {
            return Optional.ofNullable(extensions.onTarget(context).get(name));
        }
    }

    /**
     * Whether one version comes before another: number by number, as in 1.9 and 1.10. PostgreSQL itself knows no order of
     * versions; where a part is no number, none is claimed.
     */
    public static boolean isOlder(String version, String than) {
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
