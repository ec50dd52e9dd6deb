package io.pgconvoy.transfer;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.journal.DeferralMarkers.DeferredTable;
import io.pgconvoy.journal.DeferralMarkers.DumpedPart;
import io.pgconvoy.postgres.Ddl;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.Sql;
import java.util.List;

/**
 * Which parts a target database holds already, told by the database itself: a part's line is written in the transaction
 * that loads the part, so that either both are there or none, whenever whoever dies. A marker in the journal could not
 * know whether a commit had arrived.
 *
 * <p>The lines are in a schema named after the migration, {@code pgconvoy_<id>}, which nobody else may look into and which
 * is dropped at the end. What is loaded into an unlogged table has its line in an unlogged one, since a crash of the
 * server empties both.
 *
 * <p>Safe for use by many threads.
 */
public final class LoadEvidence {
    private static final String LOGGED = "loaded_parts";
    private static final String UNLOGGED = "loaded_parts_unlogged";

    private final Ddl ddl;
    private final String schema;

    /**
     * @param target the server that is loaded
     * @param migration the migration's id
     */
    public LoadEvidence(Server target, String migration) {
        this.ddl = new Ddl(target);
        this.schema = "pgconvoy_" + migration;
    }

    /**
     * A part that is in the database.
     *
     * @param tableOid on the source
     * @param transaction that loaded it, with its epoch, as {@code txid_current()} tells it
     */
    public record LoadedPart(long tableOid, int number, long rows, long transaction) {}

    /** Makes what is missing of the schema and its tables. */
    public void create(DatabaseName database) {
        ddl.committed(database, "making schema " + schema, session -> {
            session.execute("CREATE SCHEMA IF NOT EXISTS " + Sql.identifier(schema));
            for (String table : List.of(LOGGED, UNLOGGED)) {
                session.execute("""
                        CREATE %s TABLE IF NOT EXISTS %s (
                            table_oid bigint, part integer, rows bigint NOT NULL, transaction bigint NOT NULL,
                            PRIMARY KEY (table_oid, part))
                        """.formatted(table.equals(UNLOGGED) ? "UNLOGGED" : "", qualified(table)));
            }
            revoke(session);
            return schema;
        });
    }

    /** Default privileges of the user's may have granted the new schema and its tables to somebody. */
    private void revoke(Session session) {
        String sql = """
                SELECT DISTINCT r.rolname
                  FROM (SELECT nspacl AS acl, nspowner AS owner FROM pg_namespace WHERE nspname = ?
                        UNION ALL
                        SELECT c.relacl, c.relowner
                          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ?) o
                 CROSS JOIN LATERAL aclexplode(o.acl) a
                  LEFT JOIN pg_roles r ON r.oid = a.grantee
                 WHERE a.grantee <> o.owner
                """;
        for (String grantee :
                session.list(sql, row -> row.text(1).map(Sql::identifier).orElse("PUBLIC"), schema, schema)) {
            session.execute("REVOKE ALL ON SCHEMA " + Sql.identifier(schema) + " FROM " + grantee);
            session.execute("REVOKE ALL ON ALL TABLES IN SCHEMA " + Sql.identifier(schema) + " FROM " + grantee);
        }
    }

    /** Whether there is evidence at all: without it nobody knows what is loaded. */
    public boolean exists(DatabaseName database) {
        return ddl.committed(database, "looking for schema " + schema, this::exists);
    }

    /** All parts that are loaded; none where the schema is not there. */
    public List<LoadedPart> read(DatabaseName database) {
        return ddl.committed(
                database,
                "reading which parts are loaded",
                session -> exists(session)
                        ? session.list(
                                "SELECT table_oid, part, rows, transaction FROM " + all() + " ORDER BY 1, 2",
                                row -> new LoadedPart(row.getLong(1), row.getInt(2), row.getLong(3), row.getLong(4)))
                        : List.of());
    }

    /**
     * Has every part that is loaded survive a crash of the server, before a marker tells of it: their commits were
     * asynchronous, and one synchronous commit takes all earlier ones along.
     *
     * @see <a href="https://www.postgresql.org/docs/current/wal-async-commit.html">Asynchronous Commit</a>
     */
    void flush(DatabaseName database) {
        ddl.committed(
                database,
                "making what is loaded durable",
                session -> session.execute("SET LOCAL synchronous_commit = on; COMMENT ON TABLE " + qualified(LOGGED)
                        + " IS 'Parts of tables that pgconvoy has loaded; dropped at the end of the migration'"));
    }

    /** Forgets everything, once nothing will be loaded any more; fine where it is done already. */
    public void drop(DatabaseName database) {
        ddl.committed(
                database,
                "dropping schema " + schema,
                session -> session.execute("DROP SCHEMA IF EXISTS " + Sql.identifier(schema) + " CASCADE"));
    }

    /**
     * Writes a part's line in the transaction that is about to load it. Another session with the same intention is waited
     * for, so that two can never load the same part.
     *
     * @return false where the part is loaded already
     */
    boolean claim(Session session, DeferredTable table, boolean unlogged, DumpedPart part) {
        String sql = """
                INSERT INTO %s (table_oid, part, rows, transaction) VALUES (?, ?, ?, txid_current())
                ON CONFLICT (table_oid, part) DO NOTHING
                """.formatted(qualified(unlogged ? UNLOGGED : LOGGED));
        return session.execute(sql, table.oid(), part.number(), part.rows()) == 1;
    }

    /** All lines, as something to select from. */
    String all() {
        return "(SELECT * FROM " + qualified(LOGGED) + " UNION ALL SELECT * FROM " + qualified(UNLOGGED)
                + ") AS loaded";
    }

    /** Whether there is anything to select from. */
    boolean exists(Session session) {
        return session.flag("""
                SELECT count(*) = 2 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE n.nspname = ? AND c.relname IN (?, ?)
                """, schema, LOGGED, UNLOGGED);
    }

    private String qualified(String table) {
        return Sql.qualified(schema, table);
    }
}
