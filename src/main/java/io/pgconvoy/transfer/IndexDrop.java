package io.pgconvoy.transfer;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.journal.DeferralMarkers.Deferred;
import io.pgconvoy.journal.DeferralMarkers.DeferredTable;
import io.pgconvoy.journal.DeferralMarkers.DroppedIndex;
import io.pgconvoy.postgres.Ddl;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Sql;
import io.pgconvoy.postgres.SqlFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Drops the indexes that would slow the load down. Between {@link #find} and {@link #drop} the list is to be written down:
 * what is dropped must be there again in the end.
 */
public final class IndexDrop {
    private static final String DEPENDENT_OBJECTS = "2BP01";

    private final Ddl ddl;

    public IndexDrop(Server target) {
        this.ddl = new Ddl(target);
    }

    /** With another time to wait for locks. */
    IndexDrop(Server target, Duration patience) {
        this.ddl = new Ddl(target, patience);
    }

    /**
     * The indexes that deferred tables have on the target and that can be dropped. What stays, and is loaded into:
     *
     * <ul>
     *   <li>indexes of constraints, and those that a foreign key references;
     *   <li>indexes that are attached to a partitioned parent's, which cannot be dropped on their own;
     *   <li>a table's replica identity, without which clients could not update a published table;
     *   <li>indexes that belong to an extension.
     * </ul>
     */
    public List<DroppedIndex> find(DatabaseName database, Deferred deferred) {
        String sql = """
                SELECT n.nspname, i.relname, pg_get_indexdef(i.oid), s.spcname
                  FROM unnest(?, ?) AS d (schema, name)
                  JOIN pg_namespace tn ON tn.nspname = d.schema
                  JOIN pg_class t ON t.relnamespace = tn.oid AND t.relname = d.name
                  JOIN pg_index x ON x.indrelid = t.oid
                  JOIN pg_class i ON i.oid = x.indexrelid
                  JOIN pg_namespace n ON n.oid = i.relnamespace
                  LEFT JOIN pg_tablespace s ON s.oid = i.reltablespace
                 WHERE x.indislive AND NOT x.indisreplident
                   AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.oid)
                   AND NOT EXISTS (SELECT FROM pg_inherits h WHERE h.inhrelid = i.oid)
                   AND NOT EXISTS (SELECT FROM pg_depend e
                                    WHERE e.classid = 'pg_class'::regclass AND e.objid = i.oid AND e.deptype = 'e')
                 ORDER BY 1, 2
                """;
        List<DeferredTable> tables = deferred.tables();
        return ddl.committed(
                database,
                "listing indexes of deferred tables",
                session -> session.list(
                        sql,
                        row -> new DroppedIndex(row.getString(1), row.getString(2), row.getString(3), row.text(4)),
                        tables.stream().map(DeferredTable::schema).toList(),
                        tables.stream().map(DeferredTable::name).toList()));
    }

    /**
     * Drops those of the indexes that are still there, each in a transaction of its own.
     *
     * @return a warning for each index that something has come to depend on meanwhile, and that stays
     */
    public List<String> drop(DatabaseName database, List<DroppedIndex> indexes) {
        List<String> warnings = new ArrayList<>();
        for (DroppedIndex index : indexes) {
            String label = index.schema() + "." + index.name();
            String sql = "DROP INDEX IF EXISTS " + Sql.qualified(index.schema(), index.name());
            try {
                ddl.committed(database, "dropping index " + label, session -> session.execute(sql));
            } catch (SqlFailure failure) {
                if (!failure.state().equals(DEPENDENT_OBJECTS)) {
                    throw failure;
                }
                warnings.add("index " + label + " stays while the data is loaded, since something depends on it");
            }
        }
        return warnings;
    }
}
