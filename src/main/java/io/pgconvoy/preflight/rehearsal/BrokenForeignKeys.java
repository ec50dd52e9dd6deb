package io.pgconvoy.preflight.rehearsal;

import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.SqlFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Foreign keys that count as valid on the source and that rows break all the same: rows that came in while triggers were
 * disabled, by replication, or by a damaged index. A restore checks all of them. Only so long is looked for them as is short;
 * operators of users are left out, since no code of theirs is run on the source.
 */
final class BrokenForeignKeys {
    private static final Logger log = LoggerFactory.getLogger(BrokenForeignKeys.class);

    private static final Duration FOR_ALL = Duration.ofSeconds(10);

    private record ForeignKey(String label, String query) {}

    private BrokenForeignKeys() {}

    /**
     * Those that were found broken.
     *
     * @param session whose statement_timeout is another one afterwards
     */
    static List<String> find(Session session) {
        List<String> broken = new ArrayList<>();
        long end = System.nanoTime() + FOR_ALL.toNanos();
        List<ForeignKey> all = foreignKeys(session);
        session.set("statement_timeout", "1s");
        for (ForeignKey key : all) {
            if (System.nanoTime() > end) {
                break;
            }
            try {
                if (session.flag(key.query())) {
                    broken.add(key.label());
                }
            } catch (SqlFailure unknown) {
                log.debug("{} is not looked at: {}", key.label(), unknown.reason());
            }
        }
        return broken;
    }

    /** The small tables first, since the time is short. */
    private static List<ForeignKey> foreignKeys(Session session) {
        ServerVersion version = session.version();
        return session.list(
                """
                SELECT format('foreign key %%I on table %%I.%%I', k.conname, n.nspname, c.relname),
                       format('SELECT EXISTS (SELECT FROM %%s%%I.%%I AS c WHERE %%s'
                                  || ' AND NOT EXISTS (SELECT FROM %%s%%I.%%I AS p WHERE %%s))',
                              CASE c.relkind WHEN 'r' THEN 'ONLY ' ELSE '' END, n.nspname, c.relname,
                              string_agg(format('c.%%I IS NOT NULL', a.attname), ' AND '),
                              CASE r.relkind WHEN 'r' THEN 'ONLY ' ELSE '' END, m.nspname, r.relname,
                              string_agg(format('p.%%I OPERATOR(pg_catalog.%%s) c.%%I', b.attname, o.oprname, a.attname),
                                         ' AND '))
                  FROM pg_constraint AS k
                  JOIN pg_class AS c ON c.oid = k.conrelid
                  JOIN pg_namespace AS n ON n.oid = c.relnamespace
                  JOIN pg_class AS r ON r.oid = k.confrelid
                  JOIN pg_namespace AS m ON m.oid = r.relnamespace
                 CROSS JOIN LATERAL unnest(k.conkey, k.confkey, k.conpfeqop) AS u (child, parent, operator)
                  JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = u.child
                  JOIN pg_attribute AS b ON b.attrelid = k.confrelid AND b.attnum = u.parent
                  JOIN pg_operator AS o ON o.oid = u.operator
                 WHERE k.contype = 'f' AND k.convalidated %s
                 GROUP BY k.oid, k.conname, n.nspname, c.relname, c.relkind, m.nspname, r.relname, r.relkind, c.relpages
                HAVING bool_and(o.oid < 16384 AND o.oprnamespace = 'pg_catalog'::regnamespace)
                 ORDER BY c.relpages, k.oid
                """.formatted((version.isAtLeast(ServerVersion.V11) ? "AND k.conparentid = 0" : "")
                        + (version.isAtLeast(ServerVersion.V18) ? " AND k.conenforced AND NOT k.conperiod" : "")),
                row -> new ForeignKey(row.getString(1), row.getString(2)));
    }
}
