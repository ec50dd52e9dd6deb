package io.pgconvoy.preflight;

import io.pgconvoy.config.ByteSize;
import io.pgconvoy.config.Side;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.postgres.ServerVersion;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * Very many large objects. Before 17, pg_dump writes an entry for each of them, which costs memory and time in pg_restore;
 * since then, one for up to 1,000 that have the same owner and privileges.
 *
 * @see <a href="https://www.postgresql.org/docs/release/17.0/">Release notes of 17, client applications</a>
 */
final class LargeObjectCheck implements DatabaseCheck {
    private static final int MANY = 100_000;

    @Override
    public String name() {
        return "large-objects";
    }

    @Override
    public List<Finding> run(Situation situation, SourceDatabase database) throws SQLException {
        // Counts no further than it must; the rest is the last ANALYZE's estimate.
        String query = """
                SELECT (SELECT count(*) FROM (SELECT FROM pg_largeobject_metadata LIMIT %d) AS l),
                       (SELECT reltuples::bigint FROM pg_class WHERE oid = 'pg_largeobject_metadata'::regclass),
                       (SELECT relpages::bigint * current_setting('block_size')::bigint
                          FROM pg_class WHERE oid = 'pg_largeobject'::regclass)
                """.formatted(MANY + 1);
        try (Statement statement = database.connection().createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            if (row.getLong(1) <= MANY) {
                return List.of();
            }
            long number = Math.max(row.getLong(1), row.getLong(2));
            ByteSize size = new ByteSize(row.getLong(3));
            return List.of(Finding.note(
                            name(),
                            "more than 100,000 large objects take long to dump and to restore",
                            situation.tools().version().isAtLeast(ServerVersion.V17)
                                    ? "These client tools handle them a thousand at a time."
                                    : "The client tools of PostgreSQL 17 and later handle them a thousand at a time: see"
                                            + " --pg-bin.")
                    .on(Side.SOURCE)
                    .at(List.of(Place.of(database.name(), "about " + number + ", " + size))));
        }
    }
}
