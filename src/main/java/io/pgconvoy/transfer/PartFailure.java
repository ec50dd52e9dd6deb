package io.pgconvoy.transfer;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.DeferralMarkers.DeferredTable;
import io.pgconvoy.journal.DeferralMarkers.DumpedPart;
import io.pgconvoy.postgres.Ddl;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.SqlFailure;
import io.pgconvoy.postgres.SqlState;
import java.util.Set;

/** Says why a part is not loaded: which database, table, part and key, and what to do. */
final class PartFailure {
    /** unique_violation and exclusion_violation. */
    private static final Set<String> SAME_KEY = Set.of("23505", "23P01");

    /**
     * character_not_in_repertoire: the server cannot tell a client, which speaks UTF-8, of a key that is none, and tells
     * that instead.
     */
    private static final String INVALID_BYTES = "22021";

    private PartFailure() {}

    static PgconvoyException of(
            Server server, DatabaseName database, DeferredTable table, DumpedPart part, SqlFailure cause) {
        return new PgconvoyException(
                ErrorKind.of(server.side()),
                where(server, database, table, part) + " failed: " + reason(cause),
                hint(table, cause),
                cause);
    }

    static PgconvoyException damaged(
            Server server, DatabaseName database, DeferredTable table, DumpedPart part, PgconvoyException cause) {
        return new PgconvoyException(
                cause.kind(),
                where(server, database, table, part) + " failed: " + cause.getMessage(),
                cause.hint(),
                cause.getCause());
    }

    private static String where(Server server, DatabaseName database, DeferredTable table, DumpedPart part) {
        return server.label() + ", database \"" + database + "\": loading part " + part.number() + " of table "
                + table.label();
    }

    private static String reason(SqlFailure cause) {
        return cause.words()
                + (INVALID_BYTES.equals(cause.state())
                        ? "; where that is a database of encoding SQL_ASCII, the real reason is only in the server's log"
                        : "");
    }

    private static String hint(DeferredTable table, SqlFailure cause) {
        if (SAME_KEY.contains(cause.state())) {
            return "A client has written a row with the same key since the database was opened: delete that row of "
                    + table.label() + " on the target or change its key, then run the same command again.";
        }
        if (SqlState.isPrivilege(cause)) {
            return Ddl.PRIVILEGE_HINT;
        }
        return SqlState.isTransient(cause)
                ? "The server went away or was busy; run the same command again to go on."
                : "Repair the cause on the target, then run the same command again; what is loaded is not loaded twice. Or"
                        + " repair it on the source, and add --redo to have the database moved anew, without what"
                        + " clients have written to it on the target.";
    }
}
