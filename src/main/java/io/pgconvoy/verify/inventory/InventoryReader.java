package io.pgconvoy.verify.inventory;

import io.pgconvoy.catalog.objects.ExtensionMembers;
import io.pgconvoy.catalog.objects.KnownMembers;
import io.pgconvoy.catalog.objects.SystemObjectTraces;
import io.pgconvoy.postgres.Row;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.Sql;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Reads a database's {@link Inventory} by a few dozen questions to its catalogs, however much there is in it. */
public final class InventoryReader {
    /** Sequences per question: each is a relation that the question locks. */
    private static final int SEQUENCES_AT_ONCE = 200;

    /** The attribute that lists an object's privileges. */
    static final String PRIVILEGES = "privileges";

    /** The attribute that lists a table's parents. */
    static final String INHERITS = "inherits";

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

    /** Put together once, and asked in each database. */
    private static final Map<ServerVersion, List<CatalogQuery>> QUERIES = new ConcurrentHashMap<>();

    private final Session session;
    private final Map<String, Map<String, Map<String, String>>> objects = new HashMap<>();
    private final SharedWords words = new SharedWords();

    private InventoryReader(Session session) {
        this.session = session;
        pinSettings(session);
    }

    /**
     * Reads everything, in the transaction that the session is in: the rows of the catalogs are those that its snapshot
     * sees. Definitions that functions such as pg_get_viewdef() print, and the values of sequences, are of the present; who
     * holds locks on the tables, as pg_dump does, sees the same.
     */
    public static Inventory read(Session session) {
        return read(session, new KnownMembers());
    }

    /** The same, with what is known of other databases of its server. */
    public static Inventory read(Session session, KnownMembers known) {
        return read(session, known, queries(session.version()));
    }

    /** The same of a target, but for what matters only if the source's database has something of the kind. */
    public static Inventory readToCompare(Session session, KnownMembers known, Inventory source) {
        boolean systemObjects = SystemObjectDifferences.canBe(source);
        return read(
                session,
                known,
                queries(session.version()).stream()
                        .filter(query -> systemObjects || !SystemObjectDifferences.isAnsweredBy(query))
                        .toList());
    }

    private static Inventory read(Session session, KnownMembers known, List<CatalogQuery> queries) {
        InventoryReader reader = new InventoryReader(session);
        holding(session, queries).forEach(query -> reader.read(query.sql()));
        reader.readMembers(known);
        reader.readSequences();
        return new Inventory(session.version(), reader.objects);
    }

    /** As {@link #read}, of the sequences alone: their values are outside of every snapshot and go on. */
    public static Inventory sequences(Session session) {
        InventoryReader reader = new InventoryReader(session);
        reader.readSequences();
        return new Inventory(session.version(), reader.objects);
    }

    /** Has texts printed in one way for the rest of the transaction. */
    static void pinSettings(Session session) {
        Map<String, String> settings = new HashMap<>(Map.of(
                "search_path", "pg_catalog",
                "DateStyle", "ISO, YMD",
                "IntervalStyle", "postgres",
                "TimeZone", "UTC",
                "extra_float_digits", "3",
                "bytea_output", "hex",
                "standard_conforming_strings", "on",
                "quote_all_identifiers", "off"));
        if (session.version().isAtLeast(ServerVersion.V11)) {
            // To compile these questions takes longer than to answer them.
            settings.put("jit", "off");
        }
        session.execute("SELECT "
                + settings.entrySet().stream()
                        .map(setting -> "pg_catalog.set_config(" + Sql.literal(setting.getKey()) + ", "
                                + Sql.literal(setting.getValue()) + ", true)")
                        .collect(Collectors.joining(", ")));
    }

    private void readMembers(KnownMembers known) {
        String members = CatalogSql.expand(ExtensionMemberDifferences.query().sql(), session.version());
        Optional<String> rows = session.text(ExtensionMembers.ROWS);
        if (rows.isEmpty()) {
            read(members);
            ExtensionMembers.leftOut(session).forEach(table -> read(ExtensionMemberDifferences.rows(table)));
            return;
        }
        // No table is among them, of which rows could be left out.
        if (known.of(session, rows.get()).isEmpty()) {
            read(members);
            known.remember(session, rows.get(), objects.getOrDefault(ExtensionMemberDifferences.KIND, Map.of()));
        }
        objects.put(
                ExtensionMemberDifferences.KIND, known.of(session, rows.get()).orElseThrow());
    }

    /** All that a version answers, but for what is asked one by one. */
    static List<CatalogQuery> queries(ServerVersion version) {
        return QUERIES.computeIfAbsent(version, InventoryReader::expanded);
    }

    private static List<CatalogQuery> expanded(ServerVersion version) {
        List<CatalogQuery> queries = new ArrayList<>();
        queries.addAll(RelationQueries.ALL);
        queries.addAll(TypeQueries.ALL);
        queries.addAll(RoutineQueries.ALL);
        queries.addAll(DatabaseQueries.ALL);
        queries.add(OperatorQueries.of(version));
        return Stream.concat(queries.stream(), SystemObjectDifferences.queries(version).stream())
                .filter(query -> version.isAtLeast(query.since()))
                .map(query -> query.expanded(version))
                .toList();
    }

    /** Those whose conditions hold; all of these are looked at by one question. */
    static List<CatalogQuery> holding(Session session, List<CatalogQuery> queries) {
        List<String> conditions = queries.stream()
                .flatMap(query -> query.condition().stream())
                .distinct()
                .toList();
        Set<String> holding = new HashSet<>();
        session.each(
                "WITH " + CatalogSql.THEIRS + ", " + SystemObjectTraces.INITDB + " SELECT "
                        + String.join(",\n", conditions),
                row -> IntStream.range(0, conditions.size())
                        .filter(i -> row.getBoolean(i + 1))
                        .forEach(i -> holding.add(conditions.get(i))));
        return queries.stream()
                .filter(query -> query.condition().map(holding::contains).orElse(true))
                .toList();
    }

    private void read(String sql) {
        session.eachInPortions(sql, this::add);
    }

    private void add(Row row) {
        String kind = row.getString(1);
        String identity = SqlTokens.withoutNeedlessQuotes(row.getString(2));
        Map<String, String> attributes = new HashMap<>();
        for (int i = 3; i <= row.columns(); i++) {
            String value = row.getString(i);
            if (value != null) {
                boolean secret = row.name(i).equals("secret options");
                attributes.put(secret ? "options" : row.name(i), kept(kind, row.name(i), value));
            }
        }
        Map<String, Map<String, String>> named = objects.computeIfAbsent(words.word(kind), key -> new HashMap<>());
        attributes.putAll(named.getOrDefault(identity, Map.of()));
        named.put(identity, words.attributes(attributes));
    }

    private static String kept(String kind, String name, String value) {
        if (kind.equals(ExtensionMemberDifferences.KIND)) {
            return SqlTokens.withoutNeedlessQuotes(value);
        }
        if (name.equals("secret options")) {
            return Secrets.conceal(value);
        }
        if (name.equals(PRIVILEGES) || name.equals(INHERITS)) {
            // However long, what is in these lists matters one by one.
            return value;
        }
        return SQL.contains(name) ? DefinitionText.keepSql(value) : DefinitionText.keep(value);
    }

    private record SequenceName(String identity, String qualified) {}

    /** From 10 on, a sequence's value is in itself, and its parameters in pg_sequence; before, everything is in itself. */
    private void readSequences() {
        ServerVersion version = session.version();
        List<SequenceName> names = session.list(
                RelationQueries.READABLE_SEQUENCES.expanded(version).sql(),
                row -> new SequenceName(row.getString(1), Sql.qualified(row.getString(2), row.getString(3))));
        String parameters = version.isAtLeast(ServerVersion.V10) ? "" : """
                , start_value::text AS start, increment_by::text AS increment, min_value::text AS minimum,
                  max_value::text AS maximum, cache_value::text AS cache,
                  CASE WHEN is_cycled THEN 'yes' END AS cycle, 'bigint'::text AS type""";
        for (int from = 0; from < names.size(); from += SEQUENCES_AT_ONCE) {
            session.each(
                    names.subList(from, Math.min(from + SEQUENCES_AT_ONCE, names.size())).stream()
                            .map(name -> "SELECT 'sequence'::text, " + Sql.literal(name.identity())
                                    + "::text, last_value::text AS \""
                                    + Inventory.LAST_VALUE + "\", CASE WHEN is_called THEN 'yes' ELSE 'no' END AS \""
                                    + Inventory.IS_CALLED + "\"" + parameters + " FROM " + name.qualified())
                            .collect(Collectors.joining("\nUNION ALL\n")),
                    this::add);
        }
    }
}
