package io.pgconvoy.tuning;

import io.pgconvoy.config.ByteSize;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Sql;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How much memory the target's machine has.
 *
 * @param size of the machine, or of its container where that has a limit; a lower bound where guessed
 * @param known whether the machine said so; else guessed from the server's settings
 */
public record TargetMemory(ByteSize size, boolean known) {
    private static final Pattern MEMORY_TOTAL = Pattern.compile("(?m)^MemTotal:\\s+(\\d{1,15}) kB$");
    private static final Pattern NUMBER = Pattern.compile("\\s*(\\d{1,18})\\s*");

    /** No server that somebody migrates to has less. */
    private static final ByteSize LEAST = ByteSize.ofMegabytes(1024);

    /**
     * Asks the server for its machine's memory, or guesses: the machine has at least what effective_cache_size says if
     * somebody set that, and at least two and a half times shared_buffers, as the documentation finds no use in more
     * than 40%.
     *
     * @throws io.pgconvoy.config.PgconvoyException where the server cannot be asked at all
     * @see <a href="https://www.postgresql.org/docs/current/runtime-config-resource.html#GUC-SHARED-BUFFERS">shared_buffers</a>
     */
    public static TargetMemory ask(Server target) {
        try (Connection connection = target.open()) {
            Optional<ByteSize> machine = machine(target, connection);
            return machine.isPresent()
                    ? new TargetMemory(machine.get(), true)
                    : new TargetMemory(guess(connection), false);
        } catch (SQLException failure) {
            throw target.failure(target.endpoint().database(), "asking for its memory", failure);
        }
    }

    private static Optional<ByteSize> machine(Server target, Connection connection) {
        // Before 11 a server reads only files of its own folders ("absolute path not allowed").
        if (!target.version().isAtLeast(ServerVersion.V11)) {
            return Optional.empty();
        }
        OptionalLong total =
                file(connection, "/proc/meminfo").map(TargetMemory::total).orElse(OptionalLong.empty());
        if (total.isEmpty()) {
            return Optional.empty();
        }
        long bytes = total.getAsLong();
        // Inside a container meminfo is the host's; these are the container's limits, in version 2 and 1 of cgroups.
        bytes = Math.min(bytes, limit(connection, "/sys/fs/cgroup/memory.max"));
        bytes = Math.min(bytes, limit(connection, "/sys/fs/cgroup/memory/memory.limit_in_bytes"));
        return Optional.of(new ByteSize(bytes));
    }

    private static OptionalLong total(String meminfo) {
        Matcher matcher = MEMORY_TOTAL.matcher(meminfo);
        return matcher.find() ? OptionalLong.of(Long.parseLong(matcher.group(1)) * 1024) : OptionalLong.empty();
    }

    private static long limit(Connection connection, String path) {
        Matcher matcher = NUMBER.matcher(file(connection, path).orElse(""));
        return matcher.matches() ? Long.parseLong(matcher.group(1)) : Long.MAX_VALUE;
    }

    /** A file of the target's host; empty where there is none, or where the role may not read it. */
    private static Optional<String> file(Connection connection, String path) {
        // The length has to be given: before 14 a file without one is read up to its size, which is 0 in /proc.
        String query = "SELECT pg_read_file(" + Sql.literal(path) + ", 0, 4096, true)";
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            return rows.next() ? Optional.ofNullable(rows.getString(1)) : Optional.empty();
        } catch (SQLException notAllowed) {
            return Optional.empty();
        }
    }

    private static ByteSize guess(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("""
                        SELECT max(CASE name
                                   WHEN 'shared_buffers' THEN setting::bigint * 5 / 2
                                   ELSE setting::bigint
                                   END) * current_setting('block_size')::bigint
                        FROM pg_settings
                        WHERE name = 'shared_buffers' OR (name = 'effective_cache_size' AND source <> 'default')
                        """)) {
            rows.next();
            return new ByteSize(Math.max(rows.getLong(1), LEAST.bytes()));
        }
    }
}
