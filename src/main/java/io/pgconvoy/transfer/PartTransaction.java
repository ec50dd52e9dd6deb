package io.pgconvoy.transfer;

import com.zaxxer.hikari.HikariDataSource;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.DeferralMarkers.DeferredTable;
import io.pgconvoy.journal.DeferralMarkers.DumpedPart;
import io.pgconvoy.postgres.Cancellation;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Sql;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/** Loads one part in one transaction, or leaves the database as it was. Safe for use by many threads. */
final class PartTransaction {
    /** Every message to the server has its price; from 64 KB on that no longer shows. */
    private static final int BUFFER = 256 * 1024;

    private final DatabaseName database;
    private final String encoding;
    private final PartFiles files;
    private final LoadEvidence evidence;
    private final Server server;
    private final Cancellation cancellation;

    PartTransaction(
            DatabaseName database,
            String encoding,
            PartFiles files,
            LoadEvidence evidence,
            Server server,
            Cancellation cancellation) {
        this.database = database;
        this.encoding = encoding;
        this.files = files;
        this.evidence = evidence;
        this.server = server;
        this.cancellation = cancellation;
    }

    /**
     * Loads the part, unless it is loaded already.
     *
     * @throws PgconvoyException where the file is damaged, or the server took another number of rows
     */
    void load(HikariDataSource pool, DeferredTable table, DumpedPart part) throws SQLException {
        try (Connection connection = pool.getConnection()) {
            PGConnection postgres = connection.unwrap(PGConnection.class);
            // Closed before the connection goes back: a late cancellation would hit whoever has it next.
            try (var registration = cancellation.breaksOff(connection)) {
                connection.setAutoCommit(false);
                prepare(connection);
                if (evidence.claim(connection, table, isUnlogged(connection, table), part)) {
                    copy(postgres, table, part);
                    cancellation.check();
                    connection.commit();
                }
            } catch (SQLException | RuntimeException failure) {
                rollBack(pool, connection, failure);
                throw failure;
            }
        }
    }

    private void prepare(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            PatientDdl.silence(statement, server.version());
            // The evidence is in the same transaction; who tells of it elsewhere flushes first.
            statement.execute("SET LOCAL synchronous_commit = off");
            // Nobody reads the server's notices while the rows are sent: enough of them would block both sides.
            statement.execute("SET LOCAL client_min_messages = error");
            // Settings of the database, in force by now, that would change what the texts mean.
            statement.execute("SET LOCAL xmloption = content");
            statement.execute("SET LOCAL array_nulls = on");
        }
    }

    private boolean isUnlogged(Connection connection, DeferredTable table) throws SQLException {
        String sql = """
                SELECT c.relpersistence FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE n.nspname = ? AND c.relname = ?
                """;
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            query.setString(1, table.schema());
            query.setString(2, table.name());
            try (ResultSet row = query.executeQuery()) {
                if (!row.next()) {
                    throw new PgconvoyException(
                            ErrorKind.TARGET,
                            server.label() + ", database \"" + database + "\": table " + table.label() + " is missing",
                            "Was it dropped or renamed since the database was opened for clients? Put it back, then run"
                                    + " the same command again.");
                }
                return "u".equals(row.getString(1));
            }
        }
    }

    private void copy(PGConnection connection, DeferredTable table, DumpedPart part) throws SQLException {
        try (PartReader reader = PartReader.open(files, part, table.label())) {
            CopyIn copy = connection.getCopyAPI().copyIn(sql(table));
            long rows;
            try {
                feed(copy, reader);
                rows = copy.endCopy();
            } catch (SQLException | RuntimeException failure) {
                breakOff(copy, failure);
                throw failure;
            }
            if (rows != part.rows()) {
                throw new PgconvoyException(
                        ErrorKind.TARGET,
                        server.label() + ", database \"" + database + "\": part " + part.number() + " of table "
                                + table.label() + " has " + part.rows() + " rows, of which the server took " + rows,
                        "Nothing of it was kept; run the same command again.");
            }
        }
    }

    /** The table alone: rows of a leaf partition go straight into it, and rules do not apply to COPY. */
    private String sql(DeferredTable table) {
        String columns = table.columns().isEmpty() ? "" : " (" + Sql.identifiers(table.columns()) + ")";
        return "COPY " + Sql.qualified(table.schema(), table.name()) + columns + " FROM STDIN (FORMAT "
                + (table.binary() ? "binary" : "text") + ", ENCODING " + Sql.literal(encoding) + ")";
    }

    /** On return the file has been read to its end and found undamaged. */
    private void feed(CopyIn copy, PartReader reader) throws SQLException {
        byte[] buffer = new byte[BUFFER];
        int filled;
        do {
            cancellation.check();
            try {
                filled = reader.readNBytes(buffer, 0, buffer.length);
            } catch (IOException impossible) {
                throw new UncheckedIOException(impossible);
            }
            copy.writeToCopy(buffer, 0, filled);
        } while (filled == buffer.length);
    }

    private static void breakOff(CopyIn copy, Exception failure) {
        try {
            if (copy.isActive()) {
                copy.cancelCopy();
            }
        } catch (SQLException further) {
            failure.addSuppressed(further);
        }
    }

    private static void rollBack(HikariDataSource pool, Connection connection, Exception failure) {
        try {
            connection.rollback();
        } catch (SQLException broken) {
            failure.addSuppressed(broken);
            pool.evictConnection(connection);
        }
    }
}
