package io.pgconvoy.preflight;

import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.postgres.Sql;
import io.pgconvoy.postgres.SqlState;
import io.pgconvoy.postgres.Transaction;
import java.sql.Connection;
import java.sql.SQLException;
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
final class ColumnOptionsCheck implements DatabaseCheck {
    private static final String ATTRIBUTE_VERSION = "pg_attver";

    /** By the option's name. */
    private final Map<String, Seen> seen = new LinkedHashMap<>();

    /** One option, where it is, and one of its values. */
    private record Seen(String value, List<Place> places) {}

    @Override
    public String name() {
        return "column-options";
    }

    @Override
    public List<Finding> run(Situation situation, SourceDatabase database) throws SQLException {
        boolean leftOut = !ReleaseDates.of(situation.tools().version()).isBefore(ReleaseDates.NOVEMBER_2026);
        return remember(database, leftOut ? ATTRIBUTE_VERSION : "");
    }

    private List<Finding> remember(SourceDatabase database, String leftOut) throws SQLException {
        // 16384 is the first OID of what users make (FirstNormalObjectId).
        String sql = """
                SELECT split_part(o.setting, '=', 1), count(DISTINCT a.attrelid),
                       min(substr(o.setting, strpos(o.setting, '=') + 1))
                  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid, unnest(a.attoptions) AS o (setting)
                 WHERE a.attoptions IS NOT NULL AND a.attnum > 0 AND NOT a.attisdropped
                   AND c.oid >= 16384 AND c.relkind IN ('r', 'p', 'm', 'f')
                   AND split_part(o.setting, '=', 1) NOT IN ('n_distinct', 'n_distinct_inherited', ?)
                 GROUP BY 1 ORDER BY 1
                """;
        Rows.list(
                database.connection(),
                sql,
                row -> remember(database, row.getString(1), row.getLong(2), row.getString(3)),
                leftOut);
        return List.of();
    }

    private boolean remember(SourceDatabase database, String option, long tables, String value) {
        List<Place> places = seen.computeIfAbsent(option, none -> new Seen(value, new ArrayList<>()))
                .places();
        // A database that is looked into again is one place.
        places.removeIf(place -> place.database().equals(Optional.of(database.name())));
        return places.add(Place.of(database.name(), tables == 1 ? "1 table" : tables + " tables"));
    }

    @Override
    public List<Finding> conclude(Situation situation) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        for (Map.Entry<String, Seen> option : seen.entrySet()) {
            if (!isTaken(situation.target(), option.getKey(), option.getValue().value())) {
                findings.add(
                        finding(situation, option.getKey()).at(option.getValue().places()));
            }
        }
        return findings;
    }

    private Finding finding(Situation situation, String option) {
        if (option.equals(ATTRIBUTE_VERSION)) {
            return Finding.blocker(
                    name(),
                    "the source keeps the option pg_attver with every column, which pg_dump "
                            + situation.tools().version() + " passes on and PostgreSQL "
                            + situation.target().version() + " of "
                            + situation.target().label()
                            + " rejects, so that no table can be restored",
                    "Bring the target, or this machine's client tools, to a minor release of November 2026 or later"
                            + " (18.7, say): such a target takes it, such tools leave it out.");
        }
        return Finding.blocker(
                name(),
                "columns have the option " + Sql.identifier(option) + ", which "
                        + situation.target().label() + " rejects",
                "On the source: ALTER TABLE ... ALTER COLUMN ... RESET (" + Sql.identifier(option)
                        + "), or let the target know the option.");
    }

    private static boolean isTaken(ServerSession target, String option, String value) throws SQLException {
        Connection connection = target.connection();
        try {
            return Transaction.rolledBack(connection, statement -> {
                statement.execute("CREATE TEMPORARY TABLE pgconvoy_column (c integer)");
                statement.execute("ALTER TABLE pg_temp.pgconvoy_column ALTER COLUMN c SET (" + Sql.identifier(option)
                        + " = " + Sql.literal(value) + ")");
                return true;
            });
        } catch (SQLException refused) {
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
