package io.pgconvoy.postgres;

import io.pgconvoy.config.RawText;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;

/**
 * A session in a database of encoding SQL_ASCII, which holds whatever bytes its clients sent: names and texts in it are
 * {@link RawText}.
 *
 * <p>The server refuses to send what is no UTF-8 to a session that speaks UTF-8. So the session speaks LATIN1, in which
 * every byte is a character, and nothing is converted. The driver sends statements in UTF-8 all the same, which the server
 * takes for the bytes they are; one that holds other bytes is put together on the server ({@link RawSql}).
 */
final class RawSession {
    private final Connection connection;
    private final Connection seen;

    private RawSession(Connection connection) {
        this.connection = connection;
        this.seen = proxy(Connection.class, this::onConnection);
    }

    /** The same session, or one that knows of bytes where its database may hold any. */
    static Connection over(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            if (!RawEncoding.isNeeded(statement)) {
                return connection;
            }
            statement.execute("SET client_encoding = 'LATIN1'");
        }
        return new RawSession(connection).seen;
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(RawSession.class.getClassLoader(), new Class<?>[] {type}, handler));
    }

    private static Object invoke(Object on, Method method, Object[] arguments) throws SQLException {
        try {
            return method.invoke(on, arguments);
        } catch (InvocationTargetException thrown) {
            if (thrown.getCause() instanceof SQLException failure) {
                throw RawFailure.of(failure);
            }
            if (thrown.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            if (thrown.getCause() instanceof Error failure) {
                throw failure;
            }
            throw new SQLException(thrown.getCause());
        } catch (IllegalAccessException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private Object onConnection(Object proxy, Method method, Object[] arguments) throws SQLException {
        Object result = invoke(connection, method, arguments);
        if (result instanceof PreparedStatement statement) {
            return proxy(PreparedStatement.class, new OfStatement(statement, (String) arguments[0]));
        }
        return result instanceof Statement statement
                ? proxy(Statement.class, new OfStatement(statement, null))
                : result;
    }

    /** What the driver has read as LATIN1. */
    static String text(String latin) {
        return latin == null || latin.chars().allMatch(character -> character < 0x80)
                ? latin
                : RawText.decode(latin.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** A statement, for its whole life. */
    private final class OfStatement implements InvocationHandler {
        private final Statement statement;
        private final String prepared;
        private final Map<Integer, Object> parameters = new HashMap<>();

        /** @param prepared the text with question marks; null where each execution has its own */
        OfStatement(Statement statement, String prepared) {
            this.statement = statement;
            this.prepared = prepared;
        }

        @Override
        public Object invoke(Object proxy, Method method, Object[] arguments) throws SQLException {
            String name = method.getName();
            if (name.equals("getConnection")) {
                return seen;
            }
            if (name.startsWith("set") && arguments != null && arguments.length >= 2) {
                parameters.put((Integer) arguments[0], name.equals("setNull") ? null : arguments[1]);
            }
            if (name.startsWith("execute")) {
                String sql = prepared == null && arguments != null ? (String) arguments[0] : prepared;
                if (sql != null && isRaw(sql)) {
                    return raw(name, RawSql.of(sql, parameters));
                }
            }
            return seen(RawSession.invoke(statement, method, arguments));
        }

        private boolean isRaw(String sql) {
            return RawText.isRaw(sql)
                    || parameters.values().stream().anyMatch(value -> RawText.isRaw(String.valueOf(value)));
        }

        private Object raw(String method, RawSql sql) throws SQLException {
            try {
                // The driver's prepared statements take no other text.
                Statement plain = prepared == null ? statement : connection.createStatement();
                if (plain != statement) {
                    statement.closeOnCompletion();
                    plain.closeOnCompletion();
                }
                boolean rows = plain.execute(sql.text());
                while (sql.hasRows() && !rows && plain.getUpdateCount() >= 0) {
                    rows = plain.getMoreResults();
                }
                return switch (method) {
                    case "executeQuery" -> seen(plain.getResultSet());
                    case "execute" -> rows;
                    case "executeUpdate" -> 0;
                    default -> throw new SQLException("no " + method + " of bytes that are no UTF-8");
                };
            } catch (SQLException failure) {
                throw RawFailure.of(failure);
            }
        }
    }

    private static Object seen(Object result) {
        if (result instanceof ResultSet rows) {
            return proxy(ResultSet.class, (proxy, method, arguments) -> seen(invoke(rows, method, arguments)));
        }
        if (result instanceof Array array) {
            return proxy(Array.class, (proxy, method, arguments) -> seen(invoke(array, method, arguments)));
        }
        if (result instanceof String[] texts) {
            String[] decoded = new String[texts.length];
            for (int i = 0; i < texts.length; i++) {
                decoded[i] = text(texts[i]);
            }
            return decoded;
        }
        return result instanceof String latin ? text(latin) : result;
    }
}
