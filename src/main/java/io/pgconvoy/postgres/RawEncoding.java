package io.pgconvoy.postgres;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import org.postgresql.PGConnection;

/**
 * Bytes that need not be UTF-8. A database of encoding SQL_ASCII holds whatever its clients sent, and the server refuses to
 * send such a text as UTF-8. To a session that speaks LATIN1, in which every byte is a character, it sends the bytes. The
 * driver goes on sending statements in UTF-8, which the server takes for bytes.
 */
public final class RawEncoding {
    private RawEncoding() {}

    /** Whether the session's database may hold bytes of any encoding. */
    public static boolean isNeeded(Statement statement) throws SQLException {
        return "SQL_ASCII".equals(serverEncoding(statement));
    }

    /** The encoding of the session's database, as the server calls it. */
    public static String serverEncoding(Statement statement) throws SQLException {
        return statement.getConnection().unwrap(PGConnection.class).getParameterStatus("server_encoding");
    }

    /** Has bytes sent as they are, at most until the transaction ends; to be ended by {@link #end}. */
    public static void begin(Statement statement) throws SQLException {
        statement.execute("SET LOCAL client_encoding = 'LATIN1'");
    }

    /** Speaks UTF-8 again, which everything else relies on. */
    public static void end(Statement statement) throws SQLException {
        statement.execute("SET LOCAL client_encoding = 'UTF8'");
    }

    /** The text that the bytes are in UTF-8; empty where they are none. */
    public static Optional<String> utf8(byte[] bytes) {
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString());
        } catch (CharacterCodingException other) {
            return Optional.empty();
        }
    }

    /** The bytes as people can read them: {@code caf\xe9}. */
    public static String printed(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        for (byte one : bytes) {
            if (one >= ' ' && one < 0x7f) {
                text.append((char) one);
            } else {
                text.append(String.format("\\x%02x", one));
            }
        }
        return text.toString();
    }
}
