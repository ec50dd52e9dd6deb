package io.pgconvoy.tuning;

import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.Sql;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The file postgresql.auto.conf, which ALTER SYSTEM writes. Not for use by several threads.
 *
 * @see <a href="https://www.postgresql.org/docs/current/view-pg-file-settings.html">pg_file_settings</a>
 */
final class AutoConf {
    private final Session session;

    AutoConf(Session session) {
        this.session = session;
    }

    /**
     * An entry.
     *
     * @param value unquoted, otherwise exactly as it stands there
     * @param valid whether the server would accept it
     */
    record Entry(String value, boolean valid) {}

    /** The entries by the parameter's name in lower case; of several for one parameter the last, which is in force. */
    Map<String, Entry> entries() {
        Map<String, Entry> entries = new HashMap<>();
        session.each("""
                SELECT lower(name), setting, error IS NULL
                FROM pg_file_settings
                WHERE sourcefile ~ '[/\\\\]postgresql[.]auto[.]conf$' AND name IS NOT NULL
                ORDER BY seqno
                """, row -> entries.put(row.getString(1), new Entry(row.getString(2), row.getBoolean(3))));
        return entries;
    }

    /** The first place in any configuration file that keeps the server from loading them all; normally empty. */
    Optional<String> syntaxError() {
        return session.text("""
                SELECT concat_ws(':', sourcefile, sourceline) || ': ' || error
                FROM pg_file_settings
                WHERE name IS NULL AND error IS NOT NULL
                ORDER BY seqno
                LIMIT 1
                """);
    }

    /** Sets a parameter, or takes its entry away where the value is empty. In force only after a reload. */
    void write(String name, Optional<String> value) {
        // A quoted text is stored as it is; ours are no lists, whose elements would be quoted each on its own.
        String quoted = Arrays.stream(name.split("[.]")).map(Sql::identifier).collect(Collectors.joining("."));
        session.execute(
                value.isPresent()
                        ? "ALTER SYSTEM SET " + quoted + " = " + Sql.literal(value.get())
                        : "ALTER SYSTEM RESET " + quoted);
    }
}
