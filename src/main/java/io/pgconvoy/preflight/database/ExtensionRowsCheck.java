package io.pgconvoy.preflight.database;

import io.pgconvoy.catalog.objects.ExtensionCatalog.Installed;
import io.pgconvoy.catalog.objects.ExtensionMember;
import io.pgconvoy.catalog.objects.ExtensionMembers;
import io.pgconvoy.catalog.objects.ExtensionMembers.LeftOut;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.SqlFailure;
import io.pgconvoy.postgres.SqlState;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.DatabaseCheck;
import io.pgconvoy.preflight.Sign;
import io.pgconvoy.preflight.SourceDatabase;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Rows in tables of extensions that the extension does not ask pg_dump to carry over, beyond those that CREATE EXTENSION puts
 * there itself; and sequences likewise. And those of its own rows that were deleted or changed.
 */
public final class ExtensionRowsCheck extends DatabaseCheck {
    private final Extensions extensions;
    private final ExtensionTrial trial;

    public ExtensionRowsCheck(Extensions extensions, ExtensionTrial trial) {
        super(
                "extension-rows",
                "blocker, warning",
                "rows in tables of an extension that it does not have pg_dump carry over, or that its"
                        + " condition leaves out, beyond those that a new extension has; sequences likewise."
                        + " Warnings: such rows that were deleted come back, and what was changed in them is lost");
        this.extensions = extensions;
        this.trial = trial;
    }

    @Override
    public List<Sign> signs(CheckContext context) {
        return List.of(Sign.found(
                "pg_depend",
                "refclassid = 'pg_extension'::regclass AND deptype = 'e' AND classid = 'pg_class'::regclass"));
    }

    @Override
    public List<Finding> run(CheckContext context, SourceDatabase database) {
        List<LeftOut> tables = ExtensionMembers.leftOut(database.session());
        if (tables.isEmpty()) {
            return List.of();
        }
        ExtensionTrial.Outcome created = trial.byDefault(context, database);
        Set<String> same = extensions.in(database).stream()
                .filter(one -> one.version().equals(created.versions().get(one.name())))
                .map(Installed::name)
                .collect(Collectors.toCollection(HashSet::new));
        Set<String> known =
                created.members().stream().map(ExtensionMember::identity).collect(Collectors.toSet());
        List<Place> lost = new ArrayList<>();
        List<Place> back = new ArrayList<>();
        List<Place> changed = new ArrayList<>();
        List<Place> locked = new ArrayList<>();
        Session session = database.session();
        session.execute("SET lock_timeout = '5s'");
        for (LeftOut table : tables) {
            // What the extension does not make at all is told as an addition.
            if (!created.versions().containsKey(table.extension()) || known.contains(table.identity())) {
                try {
                    long here = session.number("SELECT " + table.expression());
                    long there = created.leftOut().getOrDefault(table.identity(), 0L);
                    if (here > there) {
                        lost.add(place(database, table, here, there));
                    } else if (here < there && !table.isSequence() && same.contains(table.extension())) {
                        back.add(place(database, table, here, there));
                    } else if (here == there
                            && same.contains(table.extension())
                            && !session.texts("SELECT coalesce(" + table.contents() + ", '')")
                                    .contains(created.contents().getOrDefault(table.identity(), ""))) {
                        changed.add(database.place(table.identity()));
                    }
                } catch (SqlFailure failure) {
                    if (!SqlState.isLockNotAvailable(failure)) {
                        throw failure;
                    }
                    locked.add(database.place(table.identity()));
                }
            }
        }
        session.execute("SET lock_timeout = 0");
        return onSource(
                blocker(
                                "tables and sequences of extensions hold what the extension does not have pg_dump carry"
                                        + " over",
                                "Copy the rows yourself after the migration, if you need them, and pass --ignore-check "
                                        + name() + ".")
                        .at(lost),
                warning(
                                "tables of extensions lack rows that a new extension has: these come back",
                                "Delete them on the target, too.")
                        .at(back),
                warning(
                                "rows that an extension makes were changed: they arrive as a new extension has them",
                                "Change them on the target, too.")
                        .at(changed),
                warning(
                                "tables of extensions are locked, so that it is not known whether rows of them stay behind",
                                "Ask again when they are not.")
                        .at(locked));
    }

    private static Place place(SourceDatabase database, LeftOut table, long here, long there) {
        return Place.of(
                database.name(),
                table.identity() + (table.isSequence() ? " (last value " : " (rows: ") + here
                        + (there > 0 ? ", of a new extension " + there : "") + ")");
    }
}
