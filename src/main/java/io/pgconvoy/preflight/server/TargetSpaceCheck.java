package io.pgconvoy.preflight.server;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.config.ByteSize;
import io.pgconvoy.config.Side;
import io.pgconvoy.model.Finding;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.SqlFailure;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.ServerCheck;
import io.pgconvoy.preflight.ServerSession;
import java.util.List;
import java.util.OptionalLong;

/**
 * Whether the target's disk has room for the databases, which are taken to be as large as on the source. No function of
 * PostgreSQL tells how much is free; a superuser may have the server run {@code df} in its data folder, whose answer goes
 * into a temporary table of a transaction that is rolled back. Where that is not allowed, or there is no {@code df}, the
 * size needed is a note.
 */
public final class TargetSpaceCheck extends ServerCheck {
    /** Below this part of what is needed it is certain, however much of the source's files is bloat. */
    private static final double CERTAIN = 0.1;

    /** Nobody has to be told of less. */
    private static final ByteSize REMARKABLE = ByteSize.ofMegabytes(10 * 1024);

    public TargetSpaceCheck() {
        super("target-space", "warning, blocker, note", "a disk of the target that may be too small");
    }

    @Override
    public List<Finding> run(CheckContext context) {
        ServerSession target = context.target();
        long there = context.made().isEmpty()
                ? 0
                : target.session().number("""
                        SELECT sum(pg_database_size(oid)) FROM pg_database
                         WHERE oid::bigint = ANY (?) AND has_database_privilege(oid, 'CONNECT')
                        """, (Object) context.made().toArray(Long[]::new));
        long needed = Math.max(
                0,
                context.databases().stream()
                                .map(DatabaseProperties::size)
                                .mapToLong(ByteSize::bytes)
                                .sum()
                        - there);
        OptionalLong free = mayAsk(target) ? free(target.session()) : OptionalLong.empty();
        if (free.isEmpty()) {
            return needed < REMARKABLE.bytes()
                    ? List.of()
                    : List.of(note(
                                    target.label() + " needs about " + new ByteSize(needed)
                                            + " for the databases, and does not tell how much is free",
                                    "Look there, for example with df.")
                            .on(Side.TARGET));
        }
        if (free.getAsLong() >= needed) {
            return List.of();
        }
        String what = "the databases are " + new ByteSize(needed) + " on the source, and the disk of " + target.label()
                + "'s data folder has " + new ByteSize(free.getAsLong()) + " free";
        String advice = "Give the target a larger disk; room for the WAL comes on top.";
        // With tablespaces elsewhere it may do all the same.
        boolean certain = free.getAsLong() < needed * CERTAIN
                && target.session().number("SELECT count(*) FROM pg_tablespace WHERE spcname !~ '^pg_'") == 0
                && context.onSource().number("SELECT count(*) FROM pg_tablespace WHERE spcname !~ '^pg_'") == 0;
        return List.of((certain ? blocker(what, advice) : warning(what, advice)).on(Side.TARGET));
    }

    private static boolean mayAsk(ServerSession target) {
        return target.status().superuser()
                || (target.version().isAtLeast(ServerVersion.V11)
                        && target.session()
                                .flag("SELECT pg_has_role(session_user, 'pg_execute_server_program', 'USAGE')"));
    }

    private static OptionalLong free(Session target) {
        try {
            return target.rolledBack(session -> {
                session.execute("CREATE TEMPORARY TABLE pgconvoy_free (kilobytes text)");
                // The second line's fourth field, in blocks of 1024 bytes as POSIX has it.
                session.execute("COPY pg_temp.pgconvoy_free FROM PROGRAM 'df -P -k . | awk ''NR == 2 { print $4 }'''");
                return session.text("SELECT kilobytes FROM pg_temp.pgconvoy_free")
                        .filter(text -> text.matches("\\d{1,15}"))
                        .map(text -> OptionalLong.of(Long.parseLong(text) * 1024))
                        .orElse(OptionalLong.empty());
            });
        } catch (SqlFailure notAllowed) {
            return OptionalLong.empty();
        }
    }
}
