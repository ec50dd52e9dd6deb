package io.pgconvoy.verify.checksum;

import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import java.util.List;

/** What tells a table's rows apart. */
final class TableKey {
    private TableKey() {}

    /**
     * The columns of the primary key, else of the smallest unique index over columns that are never NULL.
     *
     * @return empty where there is none
     */
    static List<String> read(Session session, long table) {
        // An index's further columns, those it only includes, exist since 11.
        String columns = session.version().isAtLeast(ServerVersion.V11) ? "i.indnkeyatts" : "i.indnatts";
        String sql = """
                SELECT a.attname
                  FROM (SELECT i.indkey, %1$s AS columns
                          FROM pg_catalog.pg_index i
                         WHERE i.indrelid = %2$d AND i.indisunique AND i.indisvalid
                           AND i.indpred IS NULL AND i.indexprs IS NULL
                           AND NOT EXISTS (SELECT FROM pg_catalog.unnest(i.indkey) WITH ORDINALITY AS k (number, place)
                                             JOIN pg_catalog.pg_attribute a
                                               ON a.attrelid = i.indrelid AND a.attnum = k.number
                                            WHERE k.place <= %1$s AND NOT a.attnotnull)
                         ORDER BY i.indisprimary DESC, %1$s, i.indexrelid
                         LIMIT 1) AS i,
                       pg_catalog.unnest(i.indkey) WITH ORDINALITY AS k (number, place),
                       pg_catalog.pg_attribute a
                 WHERE a.attrelid = %2$d AND a.attnum = k.number AND k.place <= i.columns
                 ORDER BY k.place
                """.formatted(columns, table);
        return session.texts(sql);
    }
}
