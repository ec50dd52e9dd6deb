package io.pgconvoy.verify.inventory;

import io.pgconvoy.catalog.ExtensionMembers;
import io.pgconvoy.catalog.ExtensionMembers.LeftOut;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Sql;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Reads a database's {@link Inventory} by a few dozen questions to its catalogs, however much there is in it. */
public final class InventoryReader {
    private static final int ROWS_AT_ONCE = 2000;

    /** Sequences per question: each is a relation that the question locks. */
    private static final int SEQUENCES_AT_ONCE = 200;

    /** The attribute that lists an object's privileges. */
    static final String PRIVILEGES = "privileges";

    /** The attribute that lists a table's parents. */
    static final String INHERITS = "inherits";

    private static final String CURSOR = "pgconvoy_inventory";

    /** Texts that a server derives from a parsed form, and each version in its own way. */
    static final Set<String> SQL = Set.of(
            "definition",
            "default",
            "using",
            "with check",
            "arguments",
            "result",
            "body",
            "partition key",
            "partition bound",
            "expressions",
            "type",
            "based on",
            "tables",
            "subtype",
            "state type",
            "transforms",
            "storage type",
            "of type");

    private final Statement statement;
    private final ServerVersion version;
    private final Map<String, Map<String, Map<String, String>>> objects = new HashMap<>();
    private final Map<String, String> words = new HashMap<>();
    private final Map<Map<String, String>, Map<String, String>> sets = new HashMap<>();

    private InventoryReader(Statement statement, ServerVersion version) {
        this.statement = statement;
        this.version = version;
    }

    /**
     * Reads everything, in the transaction that the connection is in: the rows of the catalogs are those that its
     * snapshot sees. Definitions that functions such as pg_get_viewdef() print, and the values of sequences, are of the
     * present; who holds locks on the tables, as pg_dump does, sees the same.
     *
     * @param connection in a transaction; for its duration some settings that decide how texts are printed change
     */
    public static Inventory read(Connection connection, ServerVersion version) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            InventoryReader reader = new InventoryReader(statement, version);
            pinSettings(statement, version);
            reader.readAll();
            for (LeftOut table : ExtensionMembers.leftOut(connection)) {
                reader.read(ExtensionMemberDifferences.rows(table).sql());
            }
            return new Inventory(version, reader.objects);
        }
    }

    /** As {@link #read}, of the sequences alone: their values are outside of every snapshot and go on. */
    public static Inventory sequences(Connection connection, ServerVersion version) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            InventoryReader reader = new InventoryReader(statement, version);
            pinSettings(statement, version);
            reader.readSequences();
            return new Inventory(version, reader.objects);
        }
    }

    /** Has texts printed in one way, for the transaction that the statement's connection is in. */
    static void pinSettings(Statement statement, ServerVersion version) throws SQLException {
        Map<String, String> settings = new HashMap<>(Map.of(
                "search_path", "pg_catalog",
                "DateStyle", "ISO, YMD",
                "IntervalStyle", "postgres",
                "TimeZone", "UTC",
                "extra_float_digits", "3",
                "bytea_output", "hex",
                "standard_conforming_strings", "on",
                "quote_all_identifiers", "off"));
        if (version.isAtLeast(ServerVersion.V11)) {
            // To compile these questions takes longer than to answer them.
            settings.put("jit", "off");
        }
        statement.execute("SELECT "
                + settings.entrySet().stream()
                        .map(setting -> "pg_catalog.set_config(" + Sql.literal(setting.getKey()) + ", "
                                + Sql.literal(setting.getValue()) + ", true)")
                        .collect(Collectors.joining(", ")));
    }

    private void readAll() throws SQLException {
        List<CatalogQuery> queries = new ArrayList<>();
        queries.add(RelationQueries.schemas());
        queries.addAll(RelationQueries.of(version));
        queries.addAll(RelationQueries.attached(version));
        queries.addAll(TypeQueries.of(version));
        queries.addAll(RoutineQueries.of(version));
        queries.addAll(DatabaseQueries.of(version));
        queries.add(OperatorQueries.of(version));
        queries.add(ExtensionMemberDifferences.query());
        queries.addAll(SystemObjectDifferences.queries(version));
        for (CatalogQuery query : queries) {
            read(query.sql());
        }
        readSequences();
    }

    /** Row by row, whether the driver is in its autocommit mode or not. */
    private void read(String query) throws SQLException {
        statement.execute("DECLARE " + CURSOR + " NO SCROLL CURSOR FOR " + query);
        boolean more = true;
        while (more) {
            try (ResultSet row = statement.executeQuery("FETCH " + ROWS_AT_ONCE + " FROM " + CURSOR)) {
                int rows = 0;
                while (row.next()) {
                    add(row);
                    rows++;
                }
                more = rows == ROWS_AT_ONCE;
            }
        }
        statement.execute("CLOSE " + CURSOR);
    }

    private void add(ResultSet row) throws SQLException {
        String kind = row.getString(1);
        String identity = SqlTokens.withoutNeedlessQuotes(row.getString(2));
        Map<String, String> attributes = new HashMap<>();
        ResultSetMetaData columns = row.getMetaData();
        for (int i = 3; i <= columns.getColumnCount(); i++) {
            String value = row.getString(i);
            if (value != null) {
                put(kind, columns.getColumnLabel(i), value, attributes);
            }
        }
        Map<String, Map<String, String>> named = objects.computeIfAbsent(share(kind), key -> new HashMap<>());
        Map<String, String> known = named.get(identity);
        if (known != null) {
            attributes.putAll(known);
        }
        Map<String, String> compact = Map.copyOf(attributes);
        Map<String, String> equal = sets.putIfAbsent(compact, compact);
        named.put(identity, equal == null ? compact : equal);
    }

    private void put(String kind, String name, String value, Map<String, String> attributes) {
        if (kind.equals(ExtensionMemberDifferences.KIND)) {
            attributes.put(share(name), share(SqlTokens.withoutNeedlessQuotes(value)));
        } else if (name.equals("secret options")) {
            attributes.put("options", share(Secrets.conceal(value)));
        } else if (name.equals(PRIVILEGES) || name.equals(INHERITS)) {
            // However long, what is in these lists matters one by one.
            attributes.put(share(name), share(value));
        } else if (SQL.contains(name)) {
            attributes.put(share(name), share(DefinitionText.keepSql(value)));
        } else {
            attributes.put(share(name), share(DefinitionText.keep(value)));
        }
    }

    private String share(String word) {
        String known = words.putIfAbsent(word, word);
        return known == null ? word : known;
    }

    private record SequenceName(String identity, String qualified) {}

    /** A sequence's parameters are in pg_sequence from 10 on, its value in itself; before, everything is in itself. */
    private void readSequences() throws SQLException {
        if (version.isAtLeast(ServerVersion.V10)) {
            read(RelationQueries.sequenceParameters());
        }
        List<SequenceName> names = new ArrayList<>();
        try (ResultSet row = statement.executeQuery(RelationQueries.readableSequences())) {
            while (row.next()) {
                names.add(new SequenceName(row.getString(1), Sql.qualified(row.getString(2), row.getString(3))));
            }
        }
        String parameters = version.isAtLeast(ServerVersion.V10) ? "" : """
                , start_value::text AS start, increment_by::text AS increment, min_value::text AS minimum,
                  max_value::text AS maximum, cache_value::text AS cache,
                  CASE WHEN is_cycled THEN 'yes' END AS cycle, 'bigint'::text AS type""";
        for (int from = 0; from < names.size(); from += SEQUENCES_AT_ONCE) {
            read(names.subList(from, Math.min(from + SEQUENCES_AT_ONCE, names.size())).stream()
                    .map(name -> "SELECT 'sequence'::text, " + Sql.literal(name.identity())
                            + "::text, last_value::text AS \""
                            + Inventory.LAST_VALUE + "\", CASE WHEN is_called THEN 'yes' ELSE 'no' END AS \""
                            + Inventory.IS_CALLED + "\"" + parameters + " FROM " + name.qualified())
                    .collect(Collectors.joining("\nUNION ALL\n")));
        }
    }
}
