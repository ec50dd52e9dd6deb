package io.pgconvoy.globals;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.Sql;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A session that writes any bytes into the catalogs that all databases share, as one in a database of encoding LATIN1 can:
 * there every byte is a character, and the server turns the UTF-8 that the driver sends into just that. The database is made
 * for it and dropped again. After a kill the next run drops it, by its name; as long as a session with that name is open, it
 * is in use.
 */
final class ByteSession implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ByteSession.class);

    /** Which the next run looks for. */
    private static final String PREFIX = "pgconvoy_bytes_";

    private static final SecureRandom RANDOM = new SecureRandom();

    private final Session sign;
    private final DatabaseName database;
    private final Session session;

    private ByteSession(Session sign, DatabaseName database, Session session) {
        this.sign = sign;
        this.database = database;
        this.session = session;
    }

    static ByteSession open(Server target) {
        byte[] id = new byte[8];
        RANDOM.nextBytes(id);
        String name = PREFIX + HexFormat.of().formatHex(id);
        DatabaseName database = new DatabaseName(name + "_0");
        Server named = target.withApplicationName(name);
        // What has been made is dropped again also after a cancellation, which breaks off what is written into it.
        Session sign = named.undisturbed().session("making a database for bytes of any encoding");
        try {
            String provider = target.version().isAtLeast(ServerVersion.V15) ? " LOCALE_PROVIDER libc" : "";
            sign.execute("CREATE DATABASE " + Sql.identifier(database.value())
                    + " TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'" + provider
                    + " CONNECTION LIMIT 1");
            return new ByteSession(sign, database, named.session(database, "writing bytes of any encoding"));
        } catch (RuntimeException failure) {
            drop(sign, database);
            throw failure;
        }
    }

    /** To be told statements by {@link Session#executeRaw}. */
    Session session() {
        return session;
    }

    @Override
    public void close() {
        session.close();
        drop(sign, database);
    }

    /** What stays is dropped by the next run. */
    private static void drop(Session sign, DatabaseName database) {
        boolean interrupted = Thread.interrupted();
        try (sign) {
            sign.execute("DROP DATABASE IF EXISTS " + Sql.identifier(database.value()));
        } catch (PgconvoyException lost) {
            log.debug("dropping database {}", database, lost);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
