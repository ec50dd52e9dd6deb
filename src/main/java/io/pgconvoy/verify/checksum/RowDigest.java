package io.pgconvoy.verify.checksum;

import io.pgconvoy.postgres.Sql;
import io.pgconvoy.verify.checksum.ValueType.Array;
import io.pgconvoy.verify.checksum.ValueType.Base;
import io.pgconvoy.verify.checksum.ValueType.Composite;
import io.pgconvoy.verify.checksum.ValueType.Domain;
import io.pgconvoy.verify.checksum.ValueType.Enumeration;
import io.pgconvoy.verify.checksum.ValueType.Field;
import io.pgconvoy.verify.checksum.ValueType.Multirange;
import io.pgconvoy.verify.checksum.ValueType.Range;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Writes the SQL expression for the digest of a row: the MD5, which all versions have, of the text of a row constructor
 * over its columns. That text quotes what is in the columns, so that their boundaries are unambiguous and a NULL is
 * something else than an empty text; what may be long is a digest itself, so that the text stays small. It is text as
 * the server stores it, not as the client would get it.
 *
 * <p>Most types have a text that is the same in all versions, once the session's formats are pinned ({@link
 * DigestSession}). Floating-point numbers, and what holds them, go by their binary form: their text has lost digits or
 * is the shortest one, depending on the version. The binary form of arrays and composite values holds OIDs, hence those
 * are taken apart.
 *
 * <p>The expression depends on nothing but names and structure of types, so that two servers with the same table make
 * the same one.
 *
 * @see <a href="https://www.postgresql.org/docs/current/rowtypes.html#ROWTYPES-IO-SYNTAX">Composite Type Input and Output
 *     Syntax</a>
 */
public final class RowDigest {
    /** Texts of more bytes than that are digested; a digest costs more than to copy a short text. */
    private static final int SHORT = 100;

    /** Types of a few bytes, whose text is the same in all versions. */
    private static final Set<String> PLAIN = Set.of(
            "bool",
            "name",
            "int2",
            "int4",
            "int8",
            "oid",
            "xid",
            "xid8",
            "cid",
            "tid",
            "pg_lsn",
            "numeric",
            "date",
            "time",
            "timetz",
            "timestamp",
            "timestamptz",
            "interval",
            "uuid",
            "inet",
            "cidr",
            "macaddr",
            "macaddr8",
            // Names, with their schema where it is not pg_catalog.
            "regclass",
            "regcollation",
            "regconfig",
            "regdatabase",
            "regdictionary",
            "regnamespace",
            "regoperator",
            "regprocedure",
            "regrole",
            "regtype");

    /**
     * Types that are, or hold, floating-point numbers, or are printed as the locale has it; with the function. The text of
     * "char" is another one from 16 on where it is not ASCII.
     */
    private static final Map<String, String> SENT = Map.ofEntries(
            Map.entry("float4", "float4send"),
            Map.entry("float8", "float8send"),
            Map.entry("money", "cash_send"),
            Map.entry("point", "point_send"),
            Map.entry("lseg", "lseg_send"),
            Map.entry("line", "line_send"),
            Map.entry("box", "box_send"),
            Map.entry("path", "path_send"),
            Map.entry("polygon", "poly_send"),
            Map.entry("circle", "circle_send"),
            Map.entry("char", "charsend"));

    /** Types whose text a copy changes, though not its meaning. */
    private static final Set<String> WRITTEN_ANEW = Set.of("xml", "tsquery");

    private static final Set<String> FLOATS = Set.of("float4", "float8");

    /** Of the types that are sent, those of any length. */
    private static final Set<String> LONG_SENT = Set.of("path", "polygon");

    private RowDigest() {}

    /**
     * The digest of a table's row: 32 hexadecimal digits.
     *
     * @param columns those that count, in any order
     * @return an expression over the columns' names, which must not be ambiguous where it stands
     */
    public static String of(List<Field> columns) {
        List<String> values = columns.stream()
                // Dropped columns vanish from a copy, and inherited ones may change places: the names are what stays.
                .sorted(Comparator.comparing(Field::name))
                .map(column -> value(Sql.identifier(column.name()), column.type(), 0))
                .toList();
        return digestOfRow(values);
    }

    /** What stands for one value in a row constructor; NULL for a NULL. */
    private static String value(String sql, ValueType type, int depth) {
        if (hasStableText(type)) {
            return stable(sql, type);
        }
        if (type instanceof Domain domain) {
            String base = sql + "::" + Sql.qualified(domain.baseSchema(), domain.baseName());
            return value("(" + base + ")", domain.base(), depth);
        }
        if (type instanceof Array array) {
            return array(sql, array, depth);
        }
        if (type instanceof Composite composite) {
            // IS NULL would hold for a row of NULLs, too.
            return "CASE WHEN " + sql + " IS DISTINCT FROM NULL THEN "
                    + digestOfRow(composite.fields().stream()
                            .map(field -> value("(" + sql + ")." + Sql.identifier(field.name()), field.type(), depth))
                            .toList())
                    + " END";
        }
        if (type instanceof Range range) {
            return range(sql, range, depth);
        }
        if (type instanceof Multirange multirange) {
            return whereNotNull(sql, elements(sql, multirange.range(), depth));
        }
        return unstable(sql, (Base) type, depth);
    }

    /**
     * Whether the type's output function gives the same text in all versions, for equal values only. One that is not
     * known is an extension's, or a user's own, and has none better.
     */
    private static boolean hasStableText(ValueType type) {
        if (type instanceof Base base) {
            if (base.extension().isPresent()) {
                return !Extensions.knows(base);
            }
            boolean unstable = SENT.containsKey(base.name()) || WRITTEN_ANEW.contains(base.name());
            return !(isBuiltIn(base) && unstable);
        }
        if (type instanceof Array array) {
            return hasStableText(array.element());
        }
        if (type instanceof Domain domain) {
            return hasStableText(domain.base());
        }
        if (type instanceof Composite composite) {
            return composite.fields().stream().allMatch(field -> hasStableText(field.type()));
        }
        if (type instanceof Range range) {
            return hasStableText(range.subtype());
        }
        return !(type instanceof Multirange multirange) || hasStableText(multirange.range());
    }

    private static String stable(String sql, ValueType type) {
        if (type instanceof Domain domain) {
            return stable(sql, domain.base());
        }
        if (type instanceof Base base && base.schema().equals("pg_catalog")) {
            if (PLAIN.contains(base.name())) {
                return sql;
            }
            return switch (base.name()) {
                case "text", "varchar" ->
                    "CASE WHEN pg_catalog.octet_length(" + sql + ") <= " + SHORT + " THEN " + sql + "::pg_catalog.text"
                            // Longer than any short text, so that it is none.
                            + " ELSE pg_catalog.md5(" + sql + ") || pg_catalog.rpad('', " + SHORT + ") END";
                // Turning char(n) into text by a cast takes trailing blanks away.
                case "bpchar" -> "pg_catalog.md5(pg_catalog.textin(pg_catalog.bpcharout(" + sql + ")))";
                // With its schema where another one is called so, too, which depends on the version.
                case "regproc", "regoper" -> "pg_catalog.replace(" + sql + "::pg_catalog.text, 'pg_catalog.', '')";
                case "bytea" -> "pg_catalog.md5(" + sql + ")";
                default -> digestOfText(sql);
            };
        }
        return type instanceof Enumeration ? sql : digestOfText(sql);
    }

    private static String unstable(String sql, Base base, int depth) {
        if (base.extension().isPresent()) {
            return Extensions.value(sql, base, depth);
        }
        if (base.name().equals("xml")) {
            // The output function leaves the declaration's encoding away, and so does a copy; where that leaves nothing
            // of the declaration, it eats one line feed each time.
            return "pg_catalog.md5(pg_catalog.ltrim(pg_catalog.textin(pg_catalog.xml_out(" + sql + ")), E'\\n'))";
        }
        if (base.name().equals("tsquery")) {
            // 9.5 prints more parentheses than later versions. The binary form has the tree, which is another one after
            // a copy where the text has lost parentheses that changed nothing.
            return "pg_catalog.md5(pg_catalog.translate(" + sql + "::pg_catalog.text, '() ', ''))";
        }
        String sent = "pg_catalog." + SENT.get(base.name()) + "(" + sql + ")";
        if (FLOATS.contains(base.name())) {
            // There are many NaN, of which a copy makes one.
            return "CASE WHEN " + sql + " = 'NaN'::pg_catalog." + base.name() + " THEN '' ELSE " + sent + " END";
        }
        return LONG_SENT.contains(base.name()) ? "pg_catalog.md5(" + sent + ")" : sent;
    }

    private static String array(String sql, Array array, int depth) {
        if (array.element() instanceof Base base && FLOATS.contains(base.name()) && isBuiltIn(base)) {
            // The OID in its binary form is one of PostgreSQL's own. Byte 7 tells whether there is a bitmap of NULLs,
            // which there may be without any. Replacing NaN by NaN makes all of them the same.
            String nan = "'NaN'::pg_catalog." + base.name();
            return "pg_catalog.md5(pg_catalog.set_byte(pg_catalog.array_send(pg_catalog.array_replace(" + sql + ", "
                    + nan + ", " + nan + ")), 7, 0))";
        }
        return whereNotNull(
                sql, digestOfRow(List.of("pg_catalog.array_dims(" + sql + ")", elements(sql, array.element(), depth))));
    }

    /** The values of an array's or a multirange's elements, in their order. */
    private static String elements(String sql, ValueType element, int depth) {
        String alias = "pgconvoy_" + depth;
        // In FROM, a composite element would become as many columns, and a NULL a row of NULLs.
        return "(SELECT pg_catalog.md5(pg_catalog.array_agg(" + value(alias + ".v", element, depth + 1)
                + ")::pg_catalog.text) FROM (SELECT pg_catalog.unnest(" + sql + ") AS v) AS " + alias + ")";
    }

    private static String range(String sql, Range range, int depth) {
        return whereNotNull(
                sql,
                digestOfRow(List.of(
                        value("pg_catalog.lower(" + sql + ")", range.subtype(), depth),
                        value("pg_catalog.upper(" + sql + ")", range.subtype(), depth),
                        "pg_catalog.lower_inc(" + sql + ")",
                        "pg_catalog.upper_inc(" + sql + ")",
                        "pg_catalog.lower_inf(" + sql + ")",
                        "pg_catalog.upper_inf(" + sql + ")",
                        "pg_catalog.isempty(" + sql + ")")));
    }

    static String whereNotNull(String sql, String value) {
        return "CASE WHEN " + sql + " IS NOT NULL THEN " + value + " END";
    }

    static String digestOfRow(List<String> values) {
        return values.stream().collect(Collectors.joining(", ", "pg_catalog.md5(ROW(", ")::pg_catalog.text)"));
    }

    private static String digestOfText(String sql) {
        return "pg_catalog.md5(" + sql + "::pg_catalog.text)";
    }

    private static boolean isBuiltIn(Base base) {
        return base.schema().equals("pg_catalog") && base.extension().isEmpty();
    }
}
