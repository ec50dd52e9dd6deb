package io.pgconvoy.globals;

import static io.pgconvoy.postgres.Sql.identifier;
import static io.pgconvoy.postgres.Sql.literal;

import io.pgconvoy.catalog.ServerFacts;
import io.pgconvoy.catalog.Tablespace;
import io.pgconvoy.config.TablespaceChoice;
import java.util.List;
import java.util.Optional;

/** The statements that create the source's tablespaces where they are wanted, and complete those that are there. */
final class TablespacePlan {
    private TablespacePlan() {}

    /**
     * The tablespaces that the target lacks.
     *
     * @param choice where they go, if anywhere
     */
    static StatementPlan missing(
            List<Tablespace> source, List<Tablespace> existing, ServerFacts target, TablespaceChoice choice) {
        StatementPlan.Builder plan = new StatementPlan.Builder();
        for (Tablespace tablespace : choice.leaveOut() ? List.<Tablespace>of() : source) {
            String folder = choice.folder(tablespace.name(), tablespace.location());
            Optional<Tablespace> counterpart = find(existing, tablespace.name());
            if (counterpart.isPresent()) {
                warnOfLocation(counterpart.get(), folder, plan);
                continue;
            }
            String owner =
                    target.roles().contains(tablespace.owner()) ? " OWNER " + identifier(tablespace.owner()) : "";
            // One inside the data folder has a relative location there, which only '' asks for.
            String location = folder.startsWith("/") ? folder : "";
            plan.add(SqlStatement.of(
                            "CREATE TABLESPACE " + identifier(tablespace.name()) + owner + " LOCATION "
                                    + literal(location),
                            "create tablespace " + identifier(tablespace.name()) + " at "
                                    + (location.isEmpty() ? "the data folder" : location))
                    .toleratingFailure()
                    .withHint("make that folder on the target's machine, empty and owned by the server's user, and run"
                            + " again; until then the databases in it go to pg_default"));
        }
        return plan.build();
    }

    /** Options, comments and privileges of the tablespaces that the target has by now. */
    static StatementPlan details(
            List<Tablespace> source, List<Tablespace> existing, ServerFacts target, TablespaceChoice choice) {
        StatementPlan.Builder statements = new StatementPlan.Builder();
        StatementPlan privileges = StatementPlan.of(List.of());
        for (Tablespace tablespace : choice.leaveOut() ? List.<Tablespace>of() : source) {
            Optional<Tablespace> found = find(existing, tablespace.name());
            if (found.isEmpty()) {
                continue;
            }
            Tablespace counterpart = found.get();
            String name = identifier(tablespace.name());
            tablespace.options().forEach((option, value) -> {
                if (!value.equals(counterpart.options().get(option))) {
                    statements.add(SqlStatement.of(
                                    "ALTER TABLESPACE " + name + " SET (" + identifier(option) + " = " + literal(value)
                                            + ")",
                                    "set option " + option + " of tablespace " + name)
                            .toleratingFailure());
                }
            });
            statements.comment("tablespace", tablespace.name(), tablespace.comment(), counterpart.comment());
            privileges = privileges.plus(AclPlan.of(
                    AclPlan.Kind.TABLESPACE,
                    tablespace.name(),
                    tablespace.owner(),
                    counterpart.owner(),
                    tablespace.acl(),
                    counterpart.acl(),
                    target));
        }
        return statements.build().plus(privileges);
    }

    private static void warnOfLocation(Tablespace target, String wanted, StatementPlan.Builder plan) {
        // Those inside the data folder are named after their OID, which differs.
        boolean bothInside = !wanted.startsWith("/") && !target.location().startsWith("/");
        if (!bothInside && !wanted.replaceFirst("(?<=.)/+$", "").equals(target.location())) {
            plan.warn("tablespace " + identifier(target.name()) + " is used as it is on the target, at "
                    + target.location() + ", not at " + wanted);
        }
    }

    private static Optional<Tablespace> find(List<Tablespace> tablespaces, String name) {
        return tablespaces.stream()
                .filter(tablespace -> tablespace.name().equals(name))
                .findFirst();
    }
}
