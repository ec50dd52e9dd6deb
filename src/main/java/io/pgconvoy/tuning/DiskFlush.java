package io.pgconvoy.tuning;

import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.SqlFailure;
import java.util.ArrayList;
import java.util.List;

/**
 * Brings to disk what was written while fsync was off. A checkpoint writes the server's own buffers and fsyncs those
 * files, and its full pages make up for full_page_writes having been off; but what the server had handed to the kernel
 * before, it takes to be on disk. Only the host's sync brings that there.
 *
 * @see <a href="https://www.postgresql.org/docs/current/runtime-config-wal.html#GUC-FSYNC">fsync</a>
 */
final class DiskFlush {
    private DiskFlush() {}

    /** Without a row there is nothing to be written into a pipe that nobody reads. */
    static final String SYNC = "COPY (SELECT 1 WHERE false) TO PROGRAM 'sync'";

    /** Flushes as far as the role may, and returns what is left for the user to do. */
    static List<String> flush(Session session) {
        List<String> instructions = new ArrayList<>();
        String target = session.server().label();
        try {
            session.execute("CHECKPOINT");
        } catch (SqlFailure refused) {
            instructions.add("run CHECKPOINT on the " + target + " as a superuser, as fsync or"
                    + " full_page_writes was off (" + refused.inFull() + ")");
        }
        try {
            session.execute(SYNC);
        } catch (SqlFailure refused) {
            instructions.add("run `sync` on the host of the " + target + ", as fsync was off: until then"
                    + " a crash of that machine may cost data (" + refused.inFull() + ")");
        }
        return instructions;
    }
}
