package io.pgconvoy.postgres;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.RawText;
import io.pgconvoy.postgres.concurrent.Cancellation;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyOut;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;

/**
 * One session on one database: the way to ask a server something, or to have it do something. Each statement is a transaction
 * of its own but {@link #committed} and {@link #rolledBack}. For one thread at a time.
 *
 * <p>What fails is thrown as {@link SqlFailure}, which names the server, the database and {@link #doing what was being
 * done}. A cancellation, also one of a {@linkplain Cancellation#scope scope} that the calling thread works in, breaks the
 * statement and the session off, and is thrown as such.
 *
 * <p>Parameters stand for question marks; a list of texts or a {@code Long[]} becomes an array. A statement without
 * parameters may hold question marks of its own, and several statements.
 */
public final class Session implements AutoCloseable {
    private static final String UNDO = "ROLLBACK TO SAVEPOINT pgconvoy; RELEASE SAVEPOINT pgconvoy";

    private static final int PORTION = 2000;

    private final Server server;
    private final DatabaseName database;
    private final Connection connection;
    private final String doing;
    private final Runnable end;

    Session(Server server, DatabaseName database, Connection connection, String doing) {
        this(server, database, connection, doing, () -> end(connection));
    }

    private Session(Server server, DatabaseName database, Connection connection, String doing, Runnable end) {
        this.server = server;
        this.database = database;
        this.connection = connection;
        this.doing = doing;
        this.end = end;
    }

    /** The same, but that its first {@link #close} does this and nothing else. */
    Session endingWith(Runnable other) {
        AtomicBoolean open = new AtomicBoolean(true);
        return new Session(server, database, connection, doing, () -> {
            if (open.getAndSet(false)) {
                other.run();
            }
        });
    }

    /** The same session for something else that is being done. */
    public Session doing(String what) {
        return new Session(server, database, connection, what, end);
    }

    public Server server() {
        return server;
    }

    public DatabaseName database() {
        return database;
    }

    /** Names server and database for messages. */
    public String place() {
        return server.label() + ", database \"" + database + "\"";
    }

    public ServerVersion version() {
        return server.version();
    }

    /** The encoding of its database, as the server calls it. */
    public String encoding() {
        return perform(() -> connection.unwrap(PGConnection.class).getParameterStatus("server_encoding"));
    }

    /** All rows of a query. */
    public <T> List<T> list(String sql, Function<Row, T> reader, Object... parameters) {
        List<T> all = new ArrayList<>();
        each(sql, row -> all.add(reader.apply(row)), parameters);
        return all;
    }

    /** Takes a query's rows one after the other. */
    public void each(String sql, Consumer<Row> reader, Object... parameters) {
        perform(() -> {
            if (parameters.length == 0) {
                try (Statement statement = statement();
                        ResultSet rows = statement.executeQuery(sql)) {
                    read(rows, reader);
                }
            } else {
                try (PreparedStatement statement = prepared(sql, parameters);
                        ResultSet rows = statement.executeQuery()) {
                    read(rows, reader);
                }
            }
            return null;
        });
    }

    private void read(ResultSet rows, Consumer<Row> reader) throws SQLException {
        Row row = new Row(this, rows);
        while (rows.next()) {
            reader.accept(row);
        }
    }

    /** The same of a big answer, in portions; in a transaction. */
    public void eachInPortions(String sql, Consumer<Row> reader) {
        execute("DECLARE pgconvoy_portions NO SCROLL CURSOR FOR " + sql);
        int rows = PORTION;
        while (rows == PORTION) {
            rows = list("FETCH " + PORTION + " FROM pgconvoy_portions", row -> {
                        reader.accept(row);
                        return true;
                    })
                    .size();
        }
        execute("CLOSE pgconvoy_portions");
    }

    /** A query's first row; empty where there is none, or where nothing is read from it. */
    public <T> Optional<T> first(String sql, Function<Row, T> reader, Object... parameters) {
        return list(sql, row -> Optional.ofNullable(reader.apply(row)), parameters).stream()
                .findFirst()
                .flatMap(found -> found);
    }

    /** The first column of a query's rows as text, without nulls. */
    public List<String> texts(String sql, Object... parameters) {
        return list(sql, row -> row.text(1), parameters).stream()
                .flatMap(Optional::stream)
                .toList();
    }

    /** The first column of a query's first row; empty where it is null, or where there is none. */
    public Optional<String> text(String sql, Object... parameters) {
        return first(sql, row -> row.getString(1), parameters);
    }

    /** A query's one number; 0 where it is null. */
    public long number(String sql, Object... parameters) {
        return list(sql, row -> row.getLong(1), parameters).get(0);
    }

    /** A query's one truth; false where it is null. */
    public boolean flag(String sql, Object... parameters) {
        return list(sql, row -> row.getBoolean(1), parameters).get(0);
    }

    /**
     * Executes something whose rows, if any, are of no interest.
     *
     * @return how many rows it changed; 0 where that is no question
     */
    public long execute(String sql, Object... parameters) {
        return perform(() -> {
            if (parameters.length == 0) {
                try (Statement statement = statement()) {
                    statement.execute(sql);
                    return Math.max(0, statement.getLargeUpdateCount());
                }
            }
            try (PreparedStatement statement = prepared(sql, parameters)) {
                statement.execute();
                return Math.max(0, statement.getLargeUpdateCount());
            }
        });
    }

    /** Executes a statement of {@link RawText} in a database of encoding LATIN1, in which every byte is a character. */
    public void executeRaw(String sql) {
        perform(() -> {
            try (Statement statement = statement()) {
                return statement.execute(new String(RawText.encode(sql), StandardCharsets.ISO_8859_1));
            } catch (SQLException failure) {
                throw RawFailure.of(failure);
            }
        });
    }

    /** Does something in a transaction and commits it; where that fails, nothing of it is left. */
    public <T> T committed(Function<Session, T> work) {
        return perform(() -> Transaction.committed(connection, statement -> work.apply(this)));
    }

    /** Does something in a transaction that nobody is ever to see: reads, or tries. */
    public <T> T rolledBack(Function<Session, T> work) {
        return perform(() -> Transaction.rolledBack(connection, statement -> work.apply(this)));
    }

    /** Sets something for the rest of the session, or of the transaction. */
    public void set(String setting, String value) {
        execute("SET " + Sql.identifier(setting) + " = " + Sql.literal(value));
    }

    /** Has a statement fail to which the server says nothing for so long, where nobody else would end that. */
    public void limit(Duration most) {
        perform(() -> {
            connection.setNetworkTimeout(Runnable::run, (int) most.toMillis());
            return null;
        });
    }

    /** Whether the server answers in it within a time. */
    public boolean isAlive(Duration within) {
        return perform(() -> connection.isValid((int) within.toSeconds()));
    }

    /** Whether a transaction is open. */
    public boolean isInTransaction() {
        return perform(() -> connection.unwrap(BaseConnection.class).getTransactionState() != TransactionState.IDLE);
    }

    /** What is put back at the end, as a resource of a try, so that a failure of this hides no earlier one. */
    @FunctionalInterface
    public interface Undo extends AutoCloseable {
        @Override
        void close();
    }

    /** Executes something at the end of a try. */
    public Undo atTheEnd(String sql) {
        return () -> execute(sql);
    }

    /** Has a transaction that has done nothing yet see what an exported snapshot sees; it only reads. */
    public void adopt(String snapshot) {
        execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT "
                + Sql.literal(snapshot));
    }

    /** Does something in a transaction that is open; where that fails, the transaction is as it was before. */
    public <T> T kept(Function<Session, T> work) {
        return savepoint(work, "RELEASE SAVEPOINT pgconvoy");
    }

    /** The same, and afterwards it is as it was before in any case: what was set and locked meanwhile is not. */
    public <T> T undone(Function<Session, T> work) {
        return savepoint(work, UNDO);
    }

    private <T> T savepoint(Function<Session, T> work, String end) {
        execute("SAVEPOINT pgconvoy");
        T result;
        try {
            result = work.apply(this);
        } catch (RuntimeException | Error failure) {
            try {
                execute(UNDO);
            } catch (RuntimeException gone) {
                failure.addSuppressed(gone);
            }
            throw failure;
        }
        execute(end);
        return result;
    }

    /**
     * Reads the rows of {@code COPY ... TO STDOUT}. Where the taker fails, the session is broken off.
     *
     * @param taker is given each row as it comes
     * @return how many there were
     */
    public long copyOut(String sql, Consumer<byte[]> taker) {
        return perform(() -> {
            CopyOut copy = connection.unwrap(PGConnection.class).getCopyAPI().copyOut(sql);
            try {
                while (copyRow(copy, taker)) {}
                return copy.getHandledRowCount();
            } catch (SQLException | RuntimeException | Error failure) {
                // In the middle of a COPY, closing in good order would wait for its end; one that the server ended is
                // over.
                if (copy.isActive()) {
                    breakOff();
                }
                throw failure;
            }
        });
    }

    /** A method of its own, so that no variable keeps a row of a hundred megabytes while the next one is read. */
    private static boolean copyRow(CopyOut copy, Consumer<byte[]> taker) throws SQLException {
        byte[] row = copy.readFromCopy();
        if (row == null) {
            return false;
        }
        taker.accept(row);
        return true;
    }

    /**
     * Sends rows to {@code COPY ... FROM STDIN}, which ends only when the stream has ended well.
     *
     * @param rows whose failures, runtime exceptions all of them, are thrown as they are
     * @return how many the server took
     */
    public long copyIn(String sql, InputStream rows) {
        return sending(sql, copy -> {
            byte[] buffer = new byte[RowBuffer.SIZE];
            int filled;
            do {
                filled = rows.readNBytes(buffer, 0, buffer.length);
                copy.writeToCopy(buffer, 0, filled);
            } while (filled == buffer.length);
        });
    }

    /**
     * The same for rows that somebody else hands over one by one.
     *
     * @param rows is given who takes them, and returns when there are no more
     */
    public long copyIn(String sql, Consumer<Consumer<byte[]>> rows) {
        return sending(sql, copy -> {
            RowBuffer<SQLException> messages = new RowBuffer<>((bytes, length) -> copy.writeToCopy(bytes, 0, length));
            rows.accept(row -> {
                try {
                    messages.add(row);
                } catch (SQLException failure) {
                    throw failure(failure);
                }
            });
            messages.flush();
        });
    }

    /** Sends everything. */
    @FunctionalInterface
    private interface Sending {
        void send(CopyIn copy) throws SQLException, IOException;
    }

    private long sending(String sql, Sending sending) {
        return perform(() -> {
            CopyIn copy = connection.unwrap(PGConnection.class).getCopyAPI().copyIn(sql);
            try {
                sending.send(copy);
                return copy.endCopy();
            } catch (SQLException | RuntimeException failure) {
                cancel(copy, failure);
                throw failure;
            } catch (IOException impossible) {
                cancel(copy, impossible);
                throw new UncheckedIOException(impossible);
            }
        });
    }

    private static void cancel(CopyIn copy, Exception failure) {
        try {
            if (copy.isActive()) {
                copy.cancelCopy();
            }
        } catch (SQLException further) {
            failure.addSuppressed(further);
        }
    }

    private Statement statement() throws SQLException {
        Statement statement = connection.createStatement();
        // A brace in a definition is no JDBC escape.
        statement.setEscapeProcessing(false);
        return statement;
    }

    private PreparedStatement prepared(String sql, Object... parameters) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        for (int i = 0; i < parameters.length; i++) {
            if (parameters[i] instanceof List<?> texts) {
                statement.setArray(i + 1, connection.createArrayOf("text", texts.toArray()));
            } else if (parameters[i] instanceof Long[] numbers) {
                statement.setArray(i + 1, connection.createArrayOf("bigint", numbers));
            } else {
                statement.setObject(i + 1, parameters[i]);
            }
        }
        return statement;
    }

    /** Something that JDBC does. */
    @FunctionalInterface
    interface Jdbc<T> {
        T run() throws SQLException;
    }

    /** Does it with this session's cancellation and failures. */
    private <T> T perform(Jdbc<T> work) {
        try (var breaking = server.breaksOff(connection)) {
            return work.run();
        } catch (SQLException failure) {
            throw failure(failure);
        }
    }

    /** What a statement's failure is thrown as; an exception that tells of the cancellation where that broke it off. */
    public RuntimeException failure(SQLException failure) {
        if (server.isBrokenOff()) {
            return Cancellation.interrupted();
        }
        return server.failure(database, doing, failure);
    }

    /** The failure of whoever notices only afterwards that the server has crashed in between. */
    public RuntimeException crashed() {
        return failure(new SQLException("the server crashed and recovered meanwhile", SqlState.CRASHED));
    }

    /** Whether it is of no further use, since it was closed, broken off or lost. */
    public boolean isClosed() {
        try {
            return connection.isClosed();
        } catch (SQLException gone) {
            return true;
        }
    }

    /** Breaks off, from another thread, whatever it is at; it is of no further use. Takes seconds at most. */
    public void breakOff() {
        try {
            Cancellation.breakOff(connection);
        } catch (SQLException gone) {
            // Then there is nothing to be broken off.
        }
    }

    /** What was not committed is undone by the server, also where the connection was lost. */
    @Override
    public void close() {
        end.run();
    }

    private static void end(Connection connection) {
        try {
            connection.close();
        } catch (SQLException gone) {
            // A broken connection has nothing left to lose: what is committed was answered.
        }
    }
}
