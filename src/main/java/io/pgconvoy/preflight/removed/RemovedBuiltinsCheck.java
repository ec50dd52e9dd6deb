package io.pgconvoy.preflight.removed;

import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.DatabaseCheck;
import io.pgconvoy.preflight.Sign;
import io.pgconvoy.preflight.SourceDatabase;
import io.pgconvoy.preflight.removed.BuiltinUses.Use;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Whether the user's objects need something that the source has built in and the target has not: a type (abstime, reltime
 * and tinterval went in 12), a function (pg_xlog_location_diff, numeric_fac), an operator (the factorial's {@code !}), a
 * cast, a system view or one of its columns (pg_proc.proisagg, pg_stat_activity.waiting). No list of them is kept here: the
 * two servers' own catalogs are compared.
 *
 * @see <a href="https://www.postgresql.org/docs/release/">The release notes' sections "Migration to Version"</a>
 */
public final class RemovedBuiltinsCheck extends DatabaseCheck {
    private final BuiltinComparison builtins;

    public RemovedBuiltinsCheck(BuiltinComparison builtins) {
        super(
                "removed-builtins",
                "blocker\\*",
                "any two versions: objects that use a built-in type, function, operator, cast, system"
                        + " view or column of one that the target does not have: abstime, `!`,"
                        + " pg_xlog_location_diff(), pg_proc.proisagg, pg_stat_bgwriter.checkpoints_timed, path to"
                        + " point; privileges on one of these (from 9.6 on); aggregates and operators made of"
                        + " array functions with anyarray (14)");
        this.builtins = builtins;
    }

    @Override
    public List<Sign> signs(CheckContext context) {
        return new BuiltinUses(builtins.lost(context), context.source().version()).signs();
    }

    @Override
    public List<Finding> run(CheckContext context, SourceDatabase database) {
        List<Use> uses = new BuiltinUses(builtins.lost(context), database.version()).find(database);
        String target = "PostgreSQL " + context.target().version().majorText();
        List<Finding> findings = new ArrayList<>();
        findings.addAll(found(refused(
                        context,
                        "data types that " + target + " no longer has are in use",
                        "Change them on the source before: abstime to timestamptz, reltime to interval, tinterval to tstzrange"
                                + " (ALTER TABLE ... ALTER COLUMN ... TYPE timestamptz), or drop what uses them.")
                .at(places(database, uses, Use::type))));
        findings.addAll(found(refused(
                        context,
                        "aggregates, operators or casts are made of array functions with anyarray and anyelement, which take"
                                + " anycompatiblearray and anycompatible in " + target,
                        "Drop them on the source before, and create them on the target with anycompatiblearray and"
                                + " anycompatible.")
                .at(places(database, uses, Use::polymorphic))));
        findings.addAll(found(refused(
                        context,
                        "objects use what " + target + " no longer has built in",
                        "Rewrite or drop them on the source before; the release notes of the versions in between say what took"
                                + " the place of each (pg_wal_... of pg_xlog_..., prokind of proisagg, factorial() of !).")
                .at(places(database, uses, use -> !use.type() && !use.polymorphic()))));
        return findings;
    }

    private static List<Place> places(SourceDatabase database, List<Use> uses, Predicate<Use> which) {
        Map<String, List<String>> byObject = new LinkedHashMap<>();
        uses.stream()
                .filter(which)
                .forEach(use -> byObject.computeIfAbsent(use.object(), none -> new ArrayList<>())
                        .add(use.lost()));
        return byObject.entrySet().stream()
                .map(entry -> Place.of(
                        database.name(),
                        entry.getKey() + entry.getValue().stream().collect(Collectors.joining(", ", " (", ")"))))
                .toList();
    }
}
