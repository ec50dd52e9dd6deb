package io.pgconvoy.preflight;

import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.preflight.BuiltinUses.Use;
import java.sql.SQLException;
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
final class RemovedBuiltinsCheck implements DatabaseCheck {
    private final BuiltinComparison builtins;

    RemovedBuiltinsCheck(BuiltinComparison builtins) {
        this.builtins = builtins;
    }

    @Override
    public String name() {
        return "removed-builtins";
    }

    @Override
    public List<Finding> run(Situation situation, SourceDatabase database) throws SQLException {
        LostBuiltins lost = builtins.lost(situation);
        List<Use> uses = new BuiltinUses(lost, database.version()).find(database.connection());
        String target = "PostgreSQL " + situation.target().version().majorText();
        List<Finding> findings = new ArrayList<>();
        findings.addAll(RestoreErrors.findings(
                this,
                situation,
                "data types that " + target + " no longer has are in use",
                places(database, uses, Use::type),
                "Change them on the source before: abstime to timestamptz, reltime to interval, tinterval to tstzrange"
                        + " (ALTER TABLE ... ALTER COLUMN ... TYPE timestamptz), or drop what uses them."));
        findings.addAll(RestoreErrors.findings(
                this,
                situation,
                "aggregates, operators or casts are made of array functions with anyarray and anyelement, which take"
                        + " anycompatiblearray and anycompatible in " + target,
                places(database, uses, Use::polymorphic),
                "Drop them on the source before, and create them on the target with anycompatiblearray and"
                        + " anycompatible."));
        findings.addAll(RestoreErrors.findings(
                this,
                situation,
                "objects use what " + target + " no longer has built in",
                places(database, uses, use -> !use.type() && !use.polymorphic()),
                "Rewrite or drop them on the source before; the release notes of the versions in between say what took"
                        + " the place of each (pg_wal_... of pg_xlog_..., prokind of proisagg, factorial() of !)."));
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
