package io.pgconvoy.verify.checksum;

import io.pgconvoy.postgres.Sql;
import io.pgconvoy.verify.checksum.ValueType.Base;
import java.util.List;
import java.util.Set;

/**
 * Types of extensions whose text changes with the version: of PostgreSQL, which prints other digits of floating-point
 * numbers from 12 on, or of the extension.
 */
final class Extensions {
    private static final Set<String> ISN = Set.of("ean13", "isbn", "isbn13", "ismn", "ismn13", "issn", "issn13", "upc");

    private Extensions() {}

    static boolean knows(Base type) {
        return switch (type.extension().orElse("")) {
            case "isn" -> ISN.contains(type.name());
            case "cube" -> type.name().equals("cube");
            default -> false;
        };
    }

    static String value(String sql, Base type, int depth) {
        if (type.extension().orElseThrow().equals("isn")) {
            // Where the hyphens are depends on the extension's tables of publishers.
            return "pg_catalog.replace(" + sql + "::pg_catalog.text, '-', '')";
        }
        // cube has no binary form before 13. The value goes along, since a column of the table may be called i.
        String alias = "pgconvoy_" + depth;
        String coordinates = "(SELECT pg_catalog.md5(pg_catalog.array_agg("
                + "pg_catalog.float8send(" + function(type, "cube_ll_coord", alias + ".v, " + alias + ".i") + ") || "
                + "pg_catalog.float8send(" + function(type, "cube_ur_coord", alias + ".v, " + alias + ".i")
                + "))::pg_catalog.text) FROM (SELECT " + sql + " AS v, pg_catalog.generate_series(1, "
                + function(type, "cube_dim", sql) + ") AS i) AS " + alias + ")";
        return RowDigest.whereNotNull(
                sql, RowDigest.digestOfRow(List.of(function(type, "cube_is_point", sql), coordinates)));
    }

    private static String function(Base type, String name, String arguments) {
        return Sql.qualified(type.schema(), name) + "(" + arguments + ")";
    }
}
