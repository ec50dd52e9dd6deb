package io.pgconvoy.verify.checksum;

import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;

/**
 * Pins, for one transaction, what decides how values become text. {@code extra_float_digits = 0} prints the same 15 (or
 * 6) digits in all versions; any other value does not, as 12 and later print the shortest text that is exact. It matters
 * only for types that this program does not know.
 */
final class DigestSession {
    private static final String SETTINGS = """
            SET LOCAL search_path = pg_catalog;
            SET LOCAL DateStyle = 'ISO, YMD';
            SET LOCAL IntervalStyle = postgres;
            SET LOCAL TimeZone = 'UTC';
            SET LOCAL extra_float_digits = 0;
            SET LOCAL bytea_output = hex;
            SET LOCAL quote_all_identifiers = off;
            """;

    private DigestSession() {}

    static void pin(Session session) {
        // Compiling the expression for hundreds of columns takes longer than to evaluate it.
        String compiling = session.version().isAtLeast(ServerVersion.V11) ? "SET LOCAL jit = off" : "";
        session.execute(SETTINGS + compiling);
    }

    /** The same for a session of psql. */
    static String forPeople() {
        return SETTINGS.replace("SET LOCAL", "SET");
    }

    /** Has the planner read a range of ctid by itself alone: workers would share a scan of the whole table. */
    static void readRanges(Session session) {
        session.execute("SET LOCAL enable_seqscan = off; SET LOCAL max_parallel_workers_per_gather = 0");
    }
}
