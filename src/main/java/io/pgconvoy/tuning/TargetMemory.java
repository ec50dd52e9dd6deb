package io.pgconvoy.tuning;

import io.pgconvoy.config.ByteSize;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.Sql;
import io.pgconvoy.postgres.SqlFailure;
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
        try (Session session = target.session("asking for its memory")) {
            Optional<ByteSize> machine = machine(session);
            return machine.isPresent()
                    ? new TargetMemory(machine.get(), true)
                    : new TargetMemory(guess(session), false);
        }
    }

    private static Optional<ByteSize> machine(Session session) {
        // Before 11 a server reads only files of its own folders ("absolute path not allowed").
        if (!session.version().isAtLeast(ServerVersion.V11)) {
            return Optional.empty();
        }
        OptionalLong total =
                file(session, "/proc/meminfo").map(TargetMemory::total).orElse(OptionalLong.empty());
        if (total.isEmpty()) {
            return Optional.empty();
        }
        long bytes = total.getAsLong();
        // Inside a container meminfo is the host's; these are the container's limits, in version 2 and 1 of cgroups.
        bytes = Math.min(bytes, limit(session, "/sys/fs/cgroup/memory.max"));
        bytes = Math.min(bytes, limit(session, "/sys/fs/cgroup/memory/memory.limit_in_bytes"));
        return Optional.of(new ByteSize(bytes));
    }

    private static OptionalLong total(String meminfo) {
        Matcher matcher = MEMORY_TOTAL.matcher(meminfo);
        return matcher.find() ? OptionalLong.of(Long.parseLong(matcher.group(1)) * 1024) : OptionalLong.empty();
    }

    private static long limit(Session session, String path) {
        Matcher matcher = NUMBER.matcher(file(session, path).orElse(""));
        return matcher.matches() ? Long.parseLong(matcher.group(1)) : Long.MAX_VALUE;
    }

    /** A file of the target's host; empty where there is none, or where the role may not read it. */
    private static Optional<String> file(Session session, String path) {
        // The length has to be given: before 14 a file without one is read up to its size, which is 0 in /proc.
        String query = "SELECT pg_read_file(" + Sql.literal(path) + ", 0, 4096, true)";
        try {
            return session.text(query);
        } catch (SqlFailure notAllowed) {
            return Optional.empty();
        }
    }

    private static ByteSize guess(Session session) {
        long guessed = session.number("""
                SELECT max(CASE name
                           WHEN 'shared_buffers' THEN setting::bigint * 5 / 2
                           ELSE setting::bigint
                           END) * current_setting('block_size')::bigint
                FROM pg_settings
                WHERE name = 'shared_buffers' OR (name = 'effective_cache_size' AND source <> 'default')
                """);
        return new ByteSize(Math.max(guessed, LEAST.bytes()));
    }
}
