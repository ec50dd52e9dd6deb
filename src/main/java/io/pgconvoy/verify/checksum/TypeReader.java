package io.pgconvoy.verify.checksum;

import io.pgconvoy.postgres.Row;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.verify.checksum.ValueType.Array;
import io.pgconvoy.verify.checksum.ValueType.Base;
import io.pgconvoy.verify.checksum.ValueType.Composite;
import io.pgconvoy.verify.checksum.ValueType.Domain;
import io.pgconvoy.verify.checksum.ValueType.Enumeration;
import io.pgconvoy.verify.checksum.ValueType.Field;
import io.pgconvoy.verify.checksum.ValueType.Multirange;
import io.pgconvoy.verify.checksum.ValueType.Range;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Types of a database by their OIDs, with all that they consist of. */
final class TypeReader {
    /** What a type is made of, in the catalog's terms; {@code part} is the OID of its element, base or subtype. */
    private record Made(String schema, String name, Kind kind, long part, long relation, Optional<String> extension) {}

    private record Attribute(String name, long type) {}

    private enum Kind {
        BASE,
        ENUMERATION,
        ARRAY,
        DOMAIN,
        COMPOSITE,
        RANGE,
        MULTIRANGE
    }

    private final Map<Long, Made> rows = new HashMap<>();
    private final Map<Long, List<Attribute>> attributes = new HashMap<>();
    private final Map<Long, ValueType> types = new HashMap<>();

    private TypeReader() {}

    /** Reads types, and those that they are made of. */
    static TypeReader read(Session session, Collection<Long> oids) {
        TypeReader reader = new TypeReader();
        Set<Long> wanted = new LinkedHashSet<>(oids);
        while (!wanted.isEmpty()) {
            reader.add(session, wanted);
            wanted = reader.missing();
        }
        return reader;
    }

    /** One of the types that were asked for. */
    ValueType type(long oid) {
        ValueType known = types.get(oid);
        if (known == null) {
            known = build(oid);
            types.put(oid, known);
        }
        return known;
    }

    private void add(Session session, Set<Long> oids) {
        String multirange = session.version().isAtLeast(ServerVersion.V14)
                ? "(SELECT r.rngtypid FROM pg_catalog.pg_range r WHERE r.rngmultitypid = t.oid)"
                : "NULL::oid";
        String sql =
                """
                SELECT t.oid, n.nspname, t.typname, t.typtype, t.typbasetype, t.typrelid, element.oid AS element,
                       (SELECT r.rngsubtype FROM pg_catalog.pg_range r WHERE r.rngtypid = t.oid) AS subtype,
                       %s AS range,
                       (SELECT x.extname
                          FROM pg_catalog.pg_depend d
                          JOIN pg_catalog.pg_extension x ON x.oid = d.refobjid
                         WHERE d.classid = 'pg_catalog.pg_type'::pg_catalog.regclass AND d.objid = t.oid
                           AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
                           AND d.deptype = 'e') AS extension
                  FROM pg_catalog.pg_type t
                  JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
                  LEFT JOIN pg_catalog.pg_type element ON element.oid = t.typelem AND element.typarray = t.oid
                 WHERE t.oid IN (%s)
                """.formatted(multirange, oids.stream().map(String::valueOf).collect(Collectors.joining(", ")));
        List<Long> relations = new ArrayList<>();
        session.each(sql, row -> {
            Made type = made(row);
            rows.put(row.getLong("oid"), type);
            if (type.kind() == Kind.COMPOSITE) {
                relations.add(type.relation());
            }
        });
        if (!relations.isEmpty()) {
            addAttributes(session, relations);
        }
    }

    private static Made made(Row row) {
        Kind kind;
        String part = "element";
        if (row.getLong("element") != 0) {
            kind = Kind.ARRAY;
        } else {
            switch (row.getString("typtype")) {
                case "e" -> kind = Kind.ENUMERATION;
                case "c" -> kind = Kind.COMPOSITE;
                case "d" -> {
                    kind = Kind.DOMAIN;
                    part = "typbasetype";
                }
                case "r" -> {
                    kind = Kind.RANGE;
                    part = "subtype";
                }
                case "m" -> {
                    kind = Kind.MULTIRANGE;
                    part = "range";
                }
                default -> kind = Kind.BASE;
            }
        }
        return new Made(
                row.getString("nspname"),
                row.getString("typname"),
                kind,
                row.getLong(part),
                row.getLong("typrelid"),
                row.text("extension"));
    }

    private void addAttributes(Session session, List<Long> relations) {
        String sql = """
                SELECT a.attrelid, a.attname, a.atttypid
                  FROM pg_catalog.pg_attribute a
                 WHERE a.attrelid IN (%s) AND a.attnum > 0 AND NOT a.attisdropped
                 ORDER BY a.attrelid, a.attnum
                """.formatted(relations.stream().map(String::valueOf).collect(Collectors.joining(", ")));
        relations.forEach(relation -> attributes.put(relation, new ArrayList<>()));
        session.each(sql, row -> attributes.get(row.getLong(1)).add(new Attribute(row.getString(2), row.getLong(3))));
    }

    private Set<Long> missing() {
        Set<Long> missing = new LinkedHashSet<>();
        for (Made row : rows.values()) {
            if (row.part() != 0) {
                missing.add(row.part());
            }
            if (row.kind() == Kind.COMPOSITE) {
                attributes.get(row.relation()).forEach(attribute -> missing.add(attribute.type()));
            }
        }
        missing.removeAll(rows.keySet());
        return missing;
    }

    private ValueType build(long oid) {
        Made row = rows.get(oid);
        return switch (row.kind()) {
            case BASE -> new Base(row.schema(), row.name(), row.extension());
            case ENUMERATION -> new Enumeration();
            case ARRAY -> new Array(type(row.part()));
            case DOMAIN -> {
                Made base = rows.get(row.part());
                yield new Domain(base.schema(), base.name(), type(row.part()));
            }
            case COMPOSITE ->
                new Composite(attributes.get(row.relation()).stream()
                        .map(attribute -> new Field(attribute.name(), type(attribute.type())))
                        .toList());
            case RANGE -> new Range(type(row.part()));
            case MULTIRANGE -> new Multirange((Range) type(row.part()));
        };
    }
}
