package io.pgconvoy.preflight.database;

import io.pgconvoy.config.ByteSize;
import io.pgconvoy.model.Finding;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.DatabaseCheck;
import io.pgconvoy.preflight.Sign;
import io.pgconvoy.preflight.SourceDatabase;
import java.util.List;
import java.util.Optional;

/**
 * Very many large objects. Before 17, pg_dump writes an entry for each of them, which costs memory and time in pg_restore;
 * since then, one for up to 1,000 that have the same owner and privileges.
 *
 * @see <a href="https://www.postgresql.org/docs/release/17.0/">Release notes of 17, client applications</a>
 */
public final class LargeObjectCheck extends DatabaseCheck {
    private static final int MANY = 100_000;

    public LargeObjectCheck() {
        super("large-objects", "note", "more than 100,000 large objects in a database, for tools before 17");
    }

    @Override
    public List<Sign> signs(CheckContext context) {
        return List.of(Sign.filled("pg_largeobject_metadata"));
    }

    @Override
    public List<Finding> run(CheckContext context, SourceDatabase database) {
        // Counts no further than it must; the rest is the last ANALYZE's estimate.
        String query = """
                SELECT (SELECT count(*) FROM (SELECT FROM pg_largeobject_metadata LIMIT %d) AS l),
                       (SELECT reltuples::bigint FROM pg_class WHERE oid = 'pg_largeobject_metadata'::regclass),
                       (SELECT relpages::bigint * current_setting('block_size')::bigint
                          FROM pg_class WHERE oid = 'pg_largeobject'::regclass)
                """.formatted(MANY + 1);
        return onSource(note(
                        "more than 100,000 large objects take long to dump and to restore",
                        context.tools().version().isAtLeast(ServerVersion.V17)
                                ? "These client tools handle them a thousand at a time."
                                : "The client tools of PostgreSQL 17 and later handle them a thousand at a time: see"
                                        + " --pg-bin.")
                .at(database.places(
                        query,
                        row -> Optional.of("about " + Math.max(row.getLong(1), row.getLong(2)) + ", "
                                        + new ByteSize(row.getLong(3)))
                                .filter(text -> row.getLong(1) > MANY))));
    }
}
