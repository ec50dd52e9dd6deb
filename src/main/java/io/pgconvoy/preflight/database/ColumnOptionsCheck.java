package io.pgconvoy.preflight.database;

import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.postgres.Sql;
import io.pgconvoy.postgres.SqlFailure;
import io.pgconvoy.postgres.SqlState;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.DatabaseCheck;
import io.pgconvoy.preflight.ServerSession;
import io.pgconvoy.preflight.Sign;
import io.pgconvoy.preflight.SourceDatabase;
import io.pgconvoy.preflight.server.ReleaseDates;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Column options (pg_attribute.attoptions) that the target does not know. pg_dump writes them as ALTER TABLE ... ALTER
 * COLUMN ... SET, whatever they are; only from the minor releases of November 2026 on it leaves out {@code pg_attver},
 * which servers from then on keep with every column, and which they accept and ignore.
 *
 * <p>The target is asked by setting the option on a temporary table in a transaction that is rolled back, and only where
 * the source has options that not every version knows.
 */
public final class ColumnOptionsCheck extends DatabaseCheck {
    private static final String ATTRIBUTE_VERSION = "pg_attver";

    /** By the option's name. */
    private final Map<String, Seen> seen = new LinkedHashMap<>();

    /** One option, where it is, and one of its values. */
    private record Seen(String value, List<Place> places) {}

    public ColumnOptionsCheck() {
        super("column-options", "blocker", "options in pg_attribute.attoptions that the target rejects, see below");
    }

    @Override
    public List<Sign> signs(CheckContext context) {
        return List.of(Sign.some("pg_attribute", "attoptions IS NOT NULL AND attrelid >= 16384"));
    }

    @Override
    public List<Finding> run(CheckContext context, SourceDatabase database) {
        boolean leftOut = !ReleaseDates.of(context.tools().version()).isBefore(ReleaseDates.NOVEMBER_2026);
        // 16384 is the first OID of what users make (FirstNormalObjectId).
        database.list(
                """
                SELECT split_part(o.setting, '=', 1), count(DISTINCT a.attrelid),
                       min(substr(o.setting, strpos(o.setting, '=') + 1))
                  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid, unnest(a.attoptions) AS o (setting)
                 WHERE a.attoptions IS NOT NULL AND a.attnum > 0 AND NOT a.attisdropped
                   AND c.oid >= 16384 AND c.relkind IN ('r', 'p', 'm', 'f')
                   AND split_part(o.setting, '=', 1) NOT IN ('n_distinct', 'n_distinct_inherited', ?)
                 GROUP BY 1 ORDER BY 1
                """,
                row -> remember(database, row.getString(1), row.getLong(2), row.getString(3)),
                leftOut ? ATTRIBUTE_VERSION : "");
        return List.of();
    }

    private boolean remember(SourceDatabase database, String option, long tables, String value) {
        List<Place> places = seen.computeIfAbsent(option, none -> new Seen(value, new ArrayList<>()))
                .places();
        // A database that is looked into again is one place.
        places.removeIf(place -> place.database().equals(Optional.of(database.name())));
        return places.add(database.place(tables == 1 ? "1 table" : tables + " tables"));
    }

    @Override
    public List<Finding> conclude(CheckContext context) {
        List<Finding> findings = new ArrayList<>();
        for (Map.Entry<String, Seen> option : seen.entrySet()) {
            if (!isTaken(context.target(), option.getKey(), option.getValue().value())) {
                findings.add(
                        finding(context, option.getKey()).at(option.getValue().places()));
            }
        }
        return findings;
    }

    private Finding finding(CheckContext context, String option) {
        if (option.equals(ATTRIBUTE_VERSION)) {
            return blocker(
                    "the source keeps the option pg_attver with every column, which pg_dump "
                            + context.tools().version() + " passes on and PostgreSQL "
                            + context.target().version() + " of "
                            + context.target().label()
                            + " rejects, so that no table can be restored",
                    "Bring the target, or this machine's client tools, to a minor release of November 2026 or later"
                            + " (18.7, say): such a target takes it, such tools leave it out.");
        }
        return blocker(
                "columns have the option " + Sql.identifier(option) + ", which "
                        + context.target().label() + " rejects",
                "On the source: ALTER TABLE ... ALTER COLUMN ... RESET (" + Sql.identifier(option)
                        + "), or let the target know the option.");
    }

    private static boolean isTaken(ServerSession target, String option, String value) {
        try {
            return target.session().rolledBack(session -> {
                session.execute("CREATE TEMPORARY TABLE pgconvoy_column (c integer)");
                session.execute("ALTER TABLE pg_temp.pgconvoy_column ALTER COLUMN c SET (" + Sql.identifier(option)
                        + " = " + Sql.literal(value) + ")");
                return true;
            });
        } catch (SqlFailure refused) {
            if (SqlState.isBrokenOff(refused)) {
                throw refused;
            }
            // Who may make no temporary tables can only go by the calendar.
            return SqlState.isPrivilege(refused)
                    && option.equals(ATTRIBUTE_VERSION)
                    && !ReleaseDates.of(target.version()).isBefore(ReleaseDates.NOVEMBER_2026);
        }
    }
}
