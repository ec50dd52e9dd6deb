package io.pgconvoy.migration.source;

import io.pgconvoy.config.ByteSize;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.RawText;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.Sql;
import io.pgconvoy.postgres.locks.SnapshotHolder;
import io.pgconvoy.transfer.DeferredTableReader;
import io.pgconvoy.transfer.PlannedTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Large objects that go straight to the target: each is made empty by its owner, and what is in them are rows of a table,
 * {@code pg_largeobject}, which go as those of others do, in parts. For databases whose large objects have nothing else.
 */
final class LargeObjects {
    /** The table's OID, the same everywhere. */
    private static final long TABLE = 2613;

    /** Made by one statement. */
    private static final int AT_ONCE = 10_000;

    private LargeObjects() {}

    /**
     * The table with their contents in parts, where they can go that way: both users are superusers, who alone may read and
     * write it; both servers cut contents into pages of the same size; the target has the owners, who may make some; none has
     * privileges, comments or labels, which pg_dump knows how to write.
     *
     * @param partSize of parts by ranges of pages, where the server is asked by these
     * @param parts how many there should be otherwise
     */
    static Optional<PlannedTable> plan(Session inSnapshot, Server target, ByteSize partSize, int parts) {
        boolean plain = inSnapshot.flag("""
                SELECT EXISTS (SELECT FROM pg_catalog.pg_largeobject_metadata)
                   AND pg_catalog.current_setting('is_superuser') = 'on'
                   AND NOT EXISTS (SELECT FROM pg_catalog.pg_largeobject_metadata WHERE lomacl IS NOT NULL)
                   AND NOT EXISTS (SELECT FROM (SELECT DISTINCT lomowner AS oid FROM pg_catalog.pg_largeobject_metadata) AS o
                                    WHERE NOT pg_catalog.has_function_privilege(
                                                  o.oid, 'pg_catalog.lo_create(pg_catalog.oid)', 'EXECUTE'))
                   AND NOT EXISTS (SELECT FROM pg_catalog.pg_description
                                    WHERE classoid = 'pg_catalog.pg_largeobject'::pg_catalog.regclass)
                   AND NOT EXISTS (SELECT FROM pg_catalog.pg_seclabel
                                    WHERE classoid = 'pg_catalog.pg_largeobject'::pg_catalog.regclass)
                """);
        return plain && isFit(target, inSnapshot)
                ? DeferredTableReader.read(inSnapshot, List.of(TABLE), partSize).stream()
                        .map(table -> inParts(inSnapshot, table, parts))
                        .findFirst()
                : Optional.empty();
    }

    private static boolean isFit(Server target, Session source) {
        String pages = "SELECT pg_catalog.current_setting('block_size')";
        List<String> owners = owners(source);
        try (Session session = target.shared("asking for pages and roles")) {
            return session.text(pages).equals(source.text(pages))
                    && owners.stream().noneMatch(RawText::isRaw)
                    && session.texts("SELECT rolname FROM pg_catalog.pg_roles").containsAll(owners);
        }
    }

    private static List<String> owners(Session session) {
        return session.texts("""
                SELECT DISTINCT pg_catalog.pg_get_userbyid(lomowner) FROM pg_catalog.pg_largeobject_metadata ORDER BY 1
                """);
    }

    /** Never as a whole: it is not for us to truncate. Where it has no ranges of pages, the parts are ranges of OIDs. */
    private static PlannedTable inParts(Session inSnapshot, PlannedTable planned, int parts) {
        if (!planned.ranges().isEmpty()) {
            return planned;
        }
        List<Long> starts = inSnapshot.list("""
                SELECT oid FROM (SELECT oid, pg_catalog.row_number() OVER (ORDER BY oid) AS n,
                                        pg_catalog.count(*) OVER () AS total FROM pg_catalog.pg_largeobject_metadata) AS o
                 WHERE n > 1 AND (n - 1) * ? / total > (n - 2) * ? / total ORDER BY oid
                """, row -> row.getLong(1), parts, parts);
        List<String> ranges = new ArrayList<>();
        for (int i = 0; i <= starts.size(); i++) {
            ranges.add("loid >= '" + (i == 0 ? 0 : starts.get(i - 1)) + "'::pg_catalog.oid"
                    + (i < starts.size() ? " AND loid < '" + starts.get(i) + "'::pg_catalog.oid" : ""));
        }
        return new PlannedTable(planned.table(), ranges);
    }

    /** How many rows the table has. */
    static long pages(Session session) {
        return session.number("SELECT pg_catalog.count(*) FROM pg_catalog.pg_largeobject");
    }

    /** Makes them, each by its owner, and empty. */
    static void create(SnapshotHolder holder, Server target, DatabaseName database) {
        try (Session session = target.session(database, "creating large objects")) {
            for (String owner : holder.within("reading the owners of large objects", LargeObjects::owners)) {
                Batch batch = next(holder, owner, 0);
                while (batch.number() > 0) {
                    create(session, owner, batch.oids());
                    batch = next(holder, owner, batch.last());
                }
            }
        }
    }

    /**
     * Some of them.
     *
     * @param oids an array, as the server writes it
     */
    private record Batch(long number, long last, String oids) {}

    private static Batch next(SnapshotHolder holder, String owner, long last) {
        String sql = """
                SELECT pg_catalog.count(*), pg_catalog.max(oid::pg_catalog.int8), pg_catalog.array_agg(oid)::pg_catalog.text
                  FROM (SELECT oid FROM pg_catalog.pg_largeobject_metadata
                         WHERE pg_catalog.pg_get_userbyid(lomowner) = ? AND oid > '%d'::pg_catalog.oid
                         ORDER BY oid LIMIT %d) AS batch
                """.formatted(last, AT_ONCE);
        return holder.within(
                        "reading OIDs of large objects",
                        session -> session.first(
                                sql, row -> new Batch(row.getLong(1), row.getLong(2), row.getString(3)), owner))
                .orElseThrow();
    }

    private static void create(Session session, String owner, String oids) {
        session.committed(transaction -> {
            transaction.execute("SET LOCAL synchronous_commit = off");
            transaction.execute("SET LOCAL ROLE " + Sql.identifier(owner));
            return transaction.execute("SELECT pg_catalog.count(pg_catalog.lo_create(oid)) FROM pg_catalog.unnest('"
                    + oids + "'::pg_catalog.oid[]) AS oid");
        });
    }
}
