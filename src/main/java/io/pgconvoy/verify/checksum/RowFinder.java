package io.pgconvoy.verify.checksum;

import io.pgconvoy.catalog.UserRows;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.SessionPool;
import io.pgconvoy.postgres.Sql;
import io.pgconvoy.verify.checksum.ValueType.Field;
import io.pgconvoy.verify.rows.ReadTransactions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Finds rows of a table that differ, where its checksums do: first which groups of rows differ, grouped by a digest of
 * their key; then which rows of these groups; then in which columns. Each server reads the table three times, and no
 * value leaves it but digests and the keys that are named. Safe for use by many threads.
 */
public final class RowFinder {
    private static final int NAMED = 5;

    /** Of the key's digest, in hexadecimal digits: 65,536 groups. */
    private static final int GROUP_DIGITS = 4;

    private static final int LONGEST_VALUE = 60;
    private static final String DOING = "looking for rows that differ";

    private final ReadTransactions source;
    private final ReadTransactions target;

    public RowFinder(ReadTransactions source, ReadTransactions target) {
        this.source = source;
        this.target = target;
    }

    /** One side's table; the key may be another one there than what the rows are told apart by. */
    private record Place(
            ReadTransactions server,
            DatabaseName database,
            Optional<String> snapshot,
            DigestTable table,
            List<String> key) {
        /** The digest of a row's key. */
        String keyDigest(List<String> keyColumns) {
            return RowDigest.of(table.columns().stream()
                    .filter(column -> keyColumns.contains(column.name()))
                    .toList());
        }

        String from(String condition) {
            // What an extension's table is to keep is a condition of its own.
            return "(SELECT * FROM " + table.rows() + ") AS t WHERE " + condition;
        }
    }

    /** A row, to be named: the text of its key's columns, and a digest of each column's value. */
    private record Found(List<String> key, Map<String, String> columns) {}

    /**
     * Looks for rows that differ.
     *
     * @param snapshot the source's snapshot; empty for the present
     * @throws PgconvoyException of a server's kind when a query fails
     */
    public RowDifferences find(
            DatabaseName onSource, DatabaseName onTarget, Optional<String> snapshot, String schema, String name) {
        Optional<Place> sourcePlace = place(source, onSource, snapshot, schema, name);
        Optional<Place> targetPlace = place(target, onTarget, Optional.empty(), schema, name);
        if (sourcePlace.isEmpty() || targetPlace.isEmpty()) {
            return new RowDifferences(List.of(), false, Optional.empty());
        }
        Place here = sourcePlace.get();
        Place there = targetPlace.get();
        List<String> key = here.key().isEmpty() ? there.key() : here.key();
        if (key.isEmpty() || !names(here).containsAll(key) || !names(there).containsAll(key)) {
            return new RowDifferences(List.of(), false, Optional.of(query(here.table())));
        }
        List<String> groups = differing(groups(here, key), groups(there, key));
        // Each of them holds at least one row that differs.
        List<String> some = groups.subList(0, Math.min(NAMED, groups.size()));
        if (some.isEmpty()) {
            return new RowDifferences(List.of(), false, Optional.empty());
        }
        Map<String, RowSum> rowsHere = rows(here, key, some);
        Map<String, RowSum> rowsThere = rows(there, key, some);
        List<String> all = differing(rowsHere, rowsThere);
        List<String> named = all.subList(0, Math.min(NAMED, all.size()));
        Map<String, Found> foundHere = found(here, key, named);
        Map<String, Found> foundThere = found(there, key, named);
        List<String> lines = new ArrayList<>();
        List<String> conditions = new ArrayList<>();
        for (String digest : named) {
            long countHere = rowsHere.getOrDefault(digest, RowSum.NONE).rows();
            long countThere = rowsThere.getOrDefault(digest, RowSum.NONE).rows();
            Found one = foundHere.get(digest);
            Found other = foundThere.get(digest);
            if (one == null && other == null) {
                // Deleted on both sides since.
                continue;
            }
            lines.add(line(key, one, countHere, other, countThere));
            conditions.add(condition(key, one == null ? other : one));
        }
        Optional<String> query = lines.isEmpty()
                ? Optional.empty()
                : Optional.of("SELECT * FROM " + (here.table().table().partitioned() ? "" : "ONLY ")
                        + here.table().quotedName() + " WHERE " + String.join(" OR ", conditions));
        return new RowDifferences(lines, all.size() > named.size() || groups.size() > some.size(), query);
    }

    /** What finds a row by its key again; a long value is searched by how it begins. */
    private static String condition(List<String> key, Found row) {
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < key.size(); i++) {
            String value = row.key().get(i);
            int length = value.codePointCount(0, value.length());
            String column = Sql.identifier(key.get(i));
            parts.add(
                    length <= LONGEST_VALUE
                            ? column + " = " + Sql.literal(value)
                            : "left(" + column + "::text, " + LONGEST_VALUE + ") = "
                                    + Sql.literal(value.substring(0, value.offsetByCodePoints(0, LONGEST_VALUE))));
        }
        return parts.size() == 1 ? parts.get(0) : "(" + String.join(" AND ", parts) + ")";
    }

    private Optional<Place> place(
            ReadTransactions server, DatabaseName database, Optional<String> snapshot, String schema, String name) {
        return run(server, database, snapshot, session -> {
            List<DigestTable> tables = DigestTableReader.read(
                    session,
                    table -> table.schema().equals(schema) && table.name().equals(name));
            return tables.stream().findFirst().map(table -> {
                List<String> key = TableKey.read(session, table.table().oid());
                return new Place(server, database, snapshot, table, key);
            });
        });
    }

    private static List<String> names(Place place) {
        return place.table().columns().stream().map(Field::name).toList();
    }

    private Map<String, RowSum> groups(Place place, List<String> key) {
        String group = "pg_catalog.left(" + place.keyDigest(key) + ", " + GROUP_DIGITS + ")";
        return sums(place, SumQuery.grouped(group, place.table().digest(), place.from("true")));
    }

    private Map<String, RowSum> rows(Place place, List<String> key, List<String> groups) {
        String digest = place.keyDigest(key);
        String condition = "pg_catalog.left(" + digest + ", " + GROUP_DIGITS + ") IN (" + literals(groups) + ")";
        return sums(place, SumQuery.grouped(digest, place.table().digest(), place.from(condition)));
    }

    private Map<String, RowSum> sums(Place place, String query) {
        Map<String, RowSum> sums = new HashMap<>();
        run(place, session -> UserRows.list(session, query, row -> sums.put(row.getString(1), SumQuery.read(row, 2))));
        return sums;
    }

    /** Some rows by their keys' digests; of several with one key, any one. */
    private Map<String, Found> found(Place place, List<String> key, List<String> digests) {
        String keyTexts = key.stream()
                .map(column -> Sql.identifier(column) + "::pg_catalog.text")
                .collect(Collectors.joining(", "));
        List<String> columns = names(place);
        String columnDigests = place.table().columns().stream()
                .map(column -> RowDigest.of(List.of(column)))
                .collect(Collectors.joining(", "));
        String query = "SELECT " + place.keyDigest(key) + ", ARRAY[" + keyTexts + "], ARRAY[" + columnDigests
                + "] FROM "
                + place.from(place.keyDigest(key) + " IN (" + literals(digests) + ")");
        Map<String, Found> found = new HashMap<>();
        run(
                place,
                session -> UserRows.list(session, query, row -> {
                    List<String> values = row.texts(3);
                    Map<String, String> byName = new HashMap<>();
                    for (int i = 0; i < values.size(); i++) {
                        byName.put(columns.get(i), values.get(i));
                    }
                    return found.put(row.getString(1), new Found(row.texts(2), byName));
                }));
        return found;
    }

    private static String line(List<String> key, Found here, long countHere, Found there, long countThere) {
        Found any = here == null ? there : here;
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < key.size(); i++) {
            parts.add(key.get(i) + "=" + shortened(any.key().get(i)));
        }
        String row = "row " + String.join(", ", parts) + " ";
        if (there == null) {
            return row + "is missing on the target";
        }
        if (here == null) {
            return row + "is on the target only";
        }
        if (countHere != countThere) {
            return row + "is there " + countHere + " times on the source and " + countThere + " times on the target";
        }
        TreeSet<String> columns = new TreeSet<>(here.columns().keySet());
        columns.addAll(there.columns().keySet());
        columns.removeIf(column ->
                Objects.equals(here.columns().get(column), there.columns().get(column)));
        return row + "differs"
                + (columns.isEmpty()
                        ? ""
                        : " in column" + (columns.size() > 1 ? "s " : " ") + String.join(", ", columns));
    }

    private static String shortened(String value) {
        int length = value.codePointCount(0, value.length());
        return length <= LONGEST_VALUE
                ? value
                : value.substring(0, value.offsetByCodePoints(0, LONGEST_VALUE)) + "... (" + length + " characters)";
    }

    /** What differs between two sides, in a stable order. */
    private static List<String> differing(Map<String, RowSum> here, Map<String, RowSum> there) {
        TreeSet<String> differing = new TreeSet<>(here.keySet());
        differing.addAll(there.keySet());
        differing.removeIf(key -> Objects.equals(here.get(key), there.get(key)));
        return List.copyOf(differing);
    }

    /** For a table without a key: each row's digest, how often it is there and where one such row is. */
    private static String query(DigestTable table) {
        return DigestSession.forPeople() + "SELECT " + table.digest()
                + " AS digest, pg_catalog.count(*), (pg_catalog.array_agg(ctid))[1] AS example FROM " + table.rows()
                + " GROUP BY 1 ORDER BY 1;";
    }

    private static String literals(List<String> texts) {
        return texts.stream().map(Sql::literal).collect(Collectors.joining(", "));
    }

    private <T> T run(Place place, Function<Session, T> work) {
        return run(place.server(), place.database(), place.snapshot(), work);
    }

    private <T> T run(
            ReadTransactions server, DatabaseName database, Optional<String> snapshot, Function<Session, T> work) {
        try (SessionPool pool = server.sessions(database)) {
            return server.run(pool, snapshot, DOING, session -> {
                DigestSession.pin(session);
                return work.apply(session);
            });
        }
    }
}
