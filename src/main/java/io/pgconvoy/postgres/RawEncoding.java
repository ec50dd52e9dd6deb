package io.pgconvoy.postgres;

import io.pgconvoy.config.RawText;
import java.nio.charset.Charset;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import org.postgresql.PGConnection;
import org.postgresql.core.Encoding;

/** In which encoding a database holds its texts, and what that makes of bytes. */
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

    /** As {@link #isNeeded(Statement)}. */
    public static boolean isNeeded(Session session) {
        return "SQL_ASCII".equals(session.encoding());
    }

    /** Bytes of a tool or of a shared catalog in the words of this session, whose database may be of another encoding. */
    public static String here(Session session, String raw) {
        String encoding = session.encoding();
        return Set.of("UTF8", "SQL_ASCII").contains(encoding)
                ? raw
                : new String(RawText.encode(raw), charset(encoding));
    }

    /** Java's name for an encoding of a database. */
    public static Charset charset(String encoding) {
        return Charset.forName(Encoding.getDatabaseEncoding(encoding).name());
    }
}
