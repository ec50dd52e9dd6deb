package io.pgconvoy.globals;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.RawText;
import io.pgconvoy.postgres.RawFailure;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Sql;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
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

    private final Connection sign;
    private final DatabaseName database;
    private final Connection session;

    private ByteSession(Connection sign, DatabaseName database, Connection session) {
        this.sign = sign;
        this.database = database;
        this.session = session;
    }

    static ByteSession open(Server target) throws SQLException {
        byte[] id = new byte[8];
        RANDOM.nextBytes(id);
        String name = PREFIX + HexFormat.of().formatHex(id);
        DatabaseName database = new DatabaseName(name + "_0");
        Server named = target.withApplicationName(name);
        Connection sign = named.open();
        try {
            String provider = target.version().isAtLeast(ServerVersion.V15) ? " LOCALE_PROVIDER libc" : "";
            execute(
                    sign,
                    "CREATE DATABASE " + Sql.identifier(database.value())
                            + " TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'" + provider
                            + " CONNECTION LIMIT 1");
            return new ByteSession(sign, database, named.open(database));
        } catch (SQLException | RuntimeException failure) {
            drop(sign, database);
            throw failure;
        }
    }

    /** Runs a statement of {@link RawText}. */
    void execute(String sql) throws SQLException {
        try {
            execute(session, new String(RawText.encode(sql), StandardCharsets.ISO_8859_1));
        } catch (SQLException failure) {
            throw RawFailure.of(failure);
        }
    }

    Connection connection() {
        return session;
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute(sql);
        }
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (SQLException lost) {
            log.debug("closing the session of {}", database, lost);
        }
        drop(sign, database);
    }

    /** What stays is dropped by the next run. */
    private static void drop(Connection sign, DatabaseName database) {
        boolean interrupted = Thread.interrupted();
        try (sign) {
            execute(sign, "DROP DATABASE IF EXISTS " + Sql.identifier(database.value()));
        } catch (SQLException lost) {
            log.debug("dropping database {}", database, lost);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
