package io.pgconvoy.preflight.rehearsal;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.Side;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.model.Severity;
import io.pgconvoy.postgres.SqlFailure;
import io.pgconvoy.postgres.SqlState;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** Says what came of loading a table's first rows, and of filling materialized views from them, in a rehearsal. */
public final class SampleFindings {
    /** As a check is called that {@code --ignore-check} may name. */
    public static final String NAME = "sample-rows";

    private static final String NAME_THE_SCHEMA =
            "On the source, write the schema's name in the function, or ALTER FUNCTION ... SET search_path = public, pg_temp"
                    + " (or whatever schema is meant).";

    private final DatabaseName database;

    /** @param database on the source */
    public SampleFindings(DatabaseName database) {
        this.database = database;
    }

    /** Whether a name was not found, or not for these types: under an empty search path, as in every restore. */
    public static boolean isName(Exception failure) {
        String state = SqlState.state(failure);
        return (state.startsWith("42") && !state.equals("42501")) || state.equals("3F000");
    }

    /** A table's rows, or a materialized view's query, fail over a name that is not found. */
    public Finding name(String object, Exception failure) {
        return finding(
                Severity.BLOCKER,
                "what a restore evaluates fails, as it finds nothing by the search path: " + words(failure),
                List.of(object),
                NAME_THE_SCHEMA);
    }

    /** ANALYZE fails over a name that is not found, after which the table has no statistics. */
    public Finding statistics(String table, Exception failure) {
        return finding(
                Severity.WARNING,
                "ANALYZE fails, as expressions of extended statistics find nothing by the search path: "
                        + words(failure),
                List.of(table),
                NAME_THE_SCHEMA);
    }

    /** A table's first rows cannot be loaded, whatever the other tables hold. */
    public Finding refused(String table, Exception failure) {
        return finding(
                Severity.BLOCKER,
                "rows that are there do not load: " + words(failure),
                List.of(table),
                "Change the rows on the source, or what refuses them.");
    }

    /** A table's first rows cannot be loaded, which may be otherwise when all tables have theirs. */
    public Finding doubtful(String table, Exception failure) {
        return finding(
                Severity.WARNING,
                "rows that are there did not load while other tables held few rows or none, as in the middle of a restore: "
                        + words(failure),
                List.of(table),
                "Where the refusal depends on other tables, drop the constraint before the migration and add it afterwards.");
    }

    /** Foreign keys that are valid on the source, so that the target checks them, and that rows break. */
    public List<Finding> broken(List<String> foreignKeys) {
        return foreignKeys.isEmpty()
                ? List.of()
                : List.of(finding(
                        Severity.BLOCKER,
                        "rows break foreign keys that count as valid, which the target will refuse to make",
                        foreignKeys,
                        "On the source, delete or complete the rows without a counterpart, or drop the foreign key and add it"
                                + " with NOT VALID."));
    }

    /** What a table's rows are checked by, or computed with, reads other tables. */
    public Finding readsOthers(String table, List<String> others) {
        return finding(
                Severity.WARNING,
                "what checks or computes rows as they are loaded reads other tables, which a restore may fill later: it may"
                        + " refuse rows that are there, or store other values",
                List.of(table + " (reads " + String.join(", ", others) + ")"),
                "A trigger or a foreign key in its place is restored when all rows are there. Or drop the constraint before"
                        + " the migration, and add it afterwards.");
    }

    private Finding finding(Severity severity, String what, List<String> objects, String advice) {
        return new Finding(
                NAME,
                severity,
                Optional.of(Side.TARGET),
                what,
                objects.stream().map(object -> Place.of(database, object)).toList(),
                advice,
                Optional.empty());
    }

    /** The server's words, with the functions that it was in; not with the row, which is nobody's business here. */
    private static String words(Exception failure) {
        Optional<ServerErrorMessage> words = said(failure);
        if (words.isEmpty()) {
            return String.valueOf(failure.getMessage());
        }
        ServerErrorMessage said = words.get();
        String where = said.getWhere() == null
                ? ""
                : said.getWhere()
                        .lines()
                        .filter(line -> line.startsWith("PL/") || line.startsWith("SQL function "))
                        .map(String::strip)
                        .limit(2)
                        .collect(Collectors.joining(", called by "));
        return said.getMessage() + (where.isEmpty() ? "" : " (in " + where + ")");
    }

    private static Optional<ServerErrorMessage> said(Exception failure) {
        if (failure instanceof SqlFailure statement) {
            return statement.said();
        }
        return failure instanceof PSQLException problem
                ? Optional.ofNullable(problem.getServerErrorMessage())
                : Optional.empty();
    }
}
