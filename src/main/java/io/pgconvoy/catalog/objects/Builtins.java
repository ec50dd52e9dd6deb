package io.pgconvoy.catalog.objects;

import io.pgconvoy.postgres.Session;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a server brings along itself, in the schemas pg_catalog and information_schema: objects with OIDs that no user's
 * object has. The OIDs of most of them differ between major versions, so servers are compared by names.
 *
 * @see <a href="https://www.postgresql.org/docs/current/system-catalog-initial-data.html#SYSTEM-CATALOG-OID-ASSIGNMENT">OID
 *     assignment</a>
 */
public record Builtins(
        List<Function> functions,
        List<Operator> operators,
        List<Type> types,
        List<Column> columns,
        List<Cast> casts,
        List<String> internalSources) {
    /** The first OID of objects that users make: FirstNormalObjectId. */
    public static final long FIRST_USER_OID = 16384;

    public Builtins {
        functions = List.copyOf(functions);
        operators = List.copyOf(operators);
        types = List.copyOf(types);
        columns = List.copyOf(columns);
        casts = List.copyOf(casts);
        internalSources = List.copyOf(internalSources);
    }

    /**
     * A function, aggregate or window function.
     *
     * @param arguments its input arguments' types, as {@code schema.name}
     * @param defaults how many of the last arguments may be left out
     */
    public record Function(long oid, String schema, String name, List<String> arguments, int defaults) {
        public Function {
            arguments = List.copyOf(arguments);
        }
    }

    /**
     * An operator of pg_catalog.
     *
     * @param left its left argument's type, as {@code schema.name}; empty for a prefix operator
     * @param right the same on the right; empty for a postfix operator
     */
    public record Operator(long oid, String name, String left, String right) {}

    /** A type, row types of system catalogs and views among them. */
    public record Type(long oid, String schema, String name) {}

    /** A column of a system catalog or system view. */
    public record Column(long relation, String schema, String relationName, int number, String name) {}

    /**
     * A cast between two types, as {@code schema.name}.
     *
     * @param function 0 where it has none
     */
    public record Cast(long function, String from, String to, boolean implicit) {}

    /** Asks for all of them; some 8,000 rows. */
    public static Builtins of(Session session) {
        List<Type> types = types(session);
        return new Builtins(
                functions(session, types),
                operators(session),
                types,
                columns(session),
                casts(session),
                internalSources(session));
    }

    /** Their arguments' types are put together here, which takes the server a hundred times as long. */
    private static List<Function> functions(Session session, List<Type> types) {
        Map<String, String> names = types.stream()
                .collect(Collectors.toMap(
                        type -> String.valueOf(type.oid()), type -> type.schema() + "." + type.name()));
        return session.list(
                """
                SELECT p.oid, n.nspname, p.proname, p.pronargdefaults, p.proargtypes::text
                  FROM pg_proc p
                  JOIN pg_namespace n ON n.oid = p.pronamespace
                 WHERE p.oid < 16384
                """,
                row -> new Function(
                        row.getLong(1),
                        row.getString(2),
                        row.getString(3),
                        Stream.of(row.getString(5).split(" ", -1))
                                .filter(names::containsKey)
                                .map(names::get)
                                .toList(),
                        row.getInt(4)));
    }

    private static List<Operator> operators(Session session) {
        return session.list(
                """
                SELECT o.oid, o.oprname, coalesce(ln.nspname || '.' || l.typname, ''),
                       coalesce(rn.nspname || '.' || r.typname, '')
                  FROM pg_operator o
                  LEFT JOIN pg_type l ON l.oid = o.oprleft
                  LEFT JOIN pg_namespace ln ON ln.oid = l.typnamespace
                  LEFT JOIN pg_type r ON r.oid = o.oprright
                  LEFT JOIN pg_namespace rn ON rn.oid = r.typnamespace
                 WHERE o.oid < 16384
                """, row -> new Operator(row.getLong(1), row.getString(2), row.getString(3), row.getString(4)));
    }

    private static List<Type> types(Session session) {
        return session.list("""
                SELECT t.oid, n.nspname, t.typname
                  FROM pg_type t
                  JOIN pg_namespace n ON n.oid = t.typnamespace
                 WHERE t.oid < 16384 AND n.nspname <> 'pg_toast'
                """, row -> new Type(row.getLong(1), row.getString(2), row.getString(3)));
    }

    private static List<Column> columns(Session session) {
        return session.list(
                """
                SELECT c.oid, n.nspname, c.relname, a.attnum, a.attname
                  FROM pg_class c
                  JOIN pg_namespace n ON n.oid = c.relnamespace
                  JOIN pg_attribute a ON a.attrelid = c.oid
                 WHERE c.oid < 16384 AND c.relkind IN ('r', 'v') AND a.attnum > 0 AND NOT a.attisdropped
                """,
                row -> new Column(row.getLong(1), row.getString(2), row.getString(3), row.getInt(4), row.getString(5)));
    }

    private static List<Cast> casts(Session session) {
        return session.list(
                """
                SELECT c.castfunc::oid, sn.nspname || '.' || s.typname, tn.nspname || '.' || t.typname,
                       c.castcontext = 'i'
                  FROM pg_cast c
                  JOIN pg_type s ON s.oid = c.castsource
                  JOIN pg_namespace sn ON sn.oid = s.typnamespace
                  JOIN pg_type t ON t.oid = c.casttarget
                  JOIN pg_namespace tn ON tn.oid = t.typnamespace
                 WHERE c.oid < 16384
                """, row -> new Cast(row.getLong(1), row.getString(2), row.getString(3), row.getBoolean(4)));
    }

    /** The names of the C functions behind functions in the language "internal". */
    private static List<String> internalSources(Session session) {
        return session.texts("""
                SELECT DISTINCT p.prosrc
                  FROM pg_proc p
                  JOIN pg_language l ON l.oid = p.prolang
                 WHERE p.oid < 16384 AND l.lanname = 'internal'
                """);
    }
}
