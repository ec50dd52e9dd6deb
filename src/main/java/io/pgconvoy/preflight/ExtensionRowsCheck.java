package io.pgconvoy.preflight;

import io.pgconvoy.catalog.ExtensionCatalog.Installed;
import io.pgconvoy.catalog.ExtensionMember;
import io.pgconvoy.catalog.ExtensionMembers;
import io.pgconvoy.catalog.ExtensionMembers.LeftOut;
import io.pgconvoy.config.Side;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.postgres.Session;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Rows in tables of extensions that the extension does not ask pg_dump to carry over, beyond those that CREATE EXTENSION puts
 * there itself; and sequences likewise. And those of its own rows that were deleted or changed.
 */
final class ExtensionRowsCheck implements DatabaseCheck {
    private static final String LOCK_NOT_AVAILABLE = "55P03";

    private final Extensions extensions;
    private final ExtensionTrial trial;

    ExtensionRowsCheck(Extensions extensions, ExtensionTrial trial) {
        this.extensions = extensions;
        this.trial = trial;
    }

    @Override
    public String name() {
        return "extension-rows";
    }

    @Override
    public List<Finding> run(Situation situation, SourceDatabase database) throws SQLException {
        List<LeftOut> tables = ExtensionMembers.leftOut(Session.of(database.connection()));
        if (tables.isEmpty()) {
            return List.of();
        }
        ExtensionTrial.Outcome created = trial.byDefault(situation, database);
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
        Connection connection = database.connection();
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET lock_timeout = '5s'");
            for (LeftOut table : tables) {
                // What the extension does not make at all is told as an addition.
                if (!created.versions().containsKey(table.extension()) || known.contains(table.identity())) {
                    try {
                        long here = Rows.number(connection, "SELECT " + table.expression());
                        long there = created.leftOut().getOrDefault(table.identity(), 0L);
                        if (here > there) {
                            lost.add(place(database, table, here, there));
                        } else if (here < there && !table.isSequence() && same.contains(table.extension())) {
                            back.add(place(database, table, here, there));
                        } else if (here == there
                                && same.contains(table.extension())
                                && !Rows.texts(connection, "SELECT coalesce(" + table.contents() + ", '')")
                                        .contains(created.contents().getOrDefault(table.identity(), ""))) {
                            changed.add(Place.of(database.name(), table.identity()));
                        }
                    } catch (SQLException failure) {
                        if (!LOCK_NOT_AVAILABLE.equals(failure.getSQLState())) {
                            throw failure;
                        }
                        locked.add(Place.of(database.name(), table.identity()));
                    }
                }
            }
            statement.execute("SET lock_timeout = 0");
        }
        return Stream.of(
                        Finding.blocker(
                                        name(),
                                        "tables and sequences of extensions hold what the extension does not have pg_dump carry"
                                                + " over",
                                        "Copy the rows yourself after the migration, if you need them, and pass --ignore-check "
                                                + name() + ".")
                                .at(lost),
                        Finding.warning(
                                        name(),
                                        "tables of extensions lack rows that a new extension has: these come back",
                                        "Delete them on the target, too.")
                                .at(back),
                        Finding.warning(
                                        name(),
                                        "rows that an extension makes were changed: they arrive as a new extension has them",
                                        "Change them on the target, too.")
                                .at(changed),
                        Finding.warning(
                                        name(),
                                        "tables of extensions are locked, so that it is not known whether rows of them stay behind",
                                        "Ask again when they are not.")
                                .at(locked))
                .filter(finding -> !finding.places().isEmpty())
                .map(finding -> finding.on(Side.SOURCE))
                .toList();
    }

    private static Place place(SourceDatabase database, LeftOut table, long here, long there) {
        return Place.of(
                database.name(),
                table.identity() + (table.isSequence() ? " (last value " : " (rows: ") + here
                        + (there > 0 ? ", of a new extension " + there : "") + ")");
    }
}
