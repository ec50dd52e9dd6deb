package io.pgconvoy.preflight;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.config.ByteSize;
import io.pgconvoy.config.Side;
import io.pgconvoy.model.Finding;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Transaction;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.OptionalLong;

/**
 * Whether the target's disk has room for the databases, which are taken to be as large as on the source. No function of
 * PostgreSQL tells how much is free; a superuser may have the server run {@code df} in its data folder, whose answer goes
 * into a temporary table of a transaction that is rolled back. Where that is not allowed, or there is no {@code df}, the
 * size needed is a note.
 */
final class TargetSpaceCheck implements ServerCheck {
    /** Below this part of what is needed it is certain, however much of the source's files is bloat. */
    private static final double CERTAIN = 0.1;

    /** Nobody has to be told of less. */
    private static final ByteSize REMARKABLE = ByteSize.ofMegabytes(10 * 1024);

    @Override
    public String name() {
        return "target-space";
    }

    @Override
    public List<Finding> run(Situation situation) throws SQLException {
        ServerSession target = situation.target();
        long there = situation.made().isEmpty()
                ? 0
                : Rows.number(
                        target.connection(), """
                        SELECT sum(pg_database_size(oid)) FROM pg_database
                         WHERE oid::bigint = ANY (?) AND has_database_privilege(oid, 'CONNECT')
                        """, (Object) situation.made().toArray(Long[]::new));
        long needed = Math.max(
                0,
                situation.databases().stream()
                                .map(DatabaseProperties::size)
                                .mapToLong(ByteSize::bytes)
                                .sum()
                        - there);
        OptionalLong free = mayAsk(target) ? free(target.connection()) : OptionalLong.empty();
        if (free.isEmpty()) {
            return needed < REMARKABLE.bytes()
                    ? List.of()
                    : List.of(Finding.note(
                                    name(),
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
                && Rows.number(target.connection(), "SELECT count(*) FROM pg_tablespace WHERE spcname !~ '^pg_'") == 0
                && Rows.number(
                                situation.source().connection(),
                                "SELECT count(*) FROM pg_tablespace WHERE spcname !~ '^pg_'")
                        == 0;
        return List.of((certain ? Finding.blocker(name(), what, advice) : Finding.warning(name(), what, advice))
                .on(Side.TARGET));
    }

    private static boolean mayAsk(ServerSession target) throws SQLException {
        return target.status().superuser()
                || (target.version().isAtLeast(ServerVersion.V11)
                        && Rows.flag(
                                target.connection(),
                                "SELECT pg_has_role(session_user, 'pg_execute_server_program', 'USAGE')"));
    }

    private static OptionalLong free(Connection connection) throws SQLException {
        try {
            return Transaction.rolledBack(connection, statement -> {
                statement.execute("CREATE TEMPORARY TABLE pgconvoy_free (kilobytes text)");
                // The second line's fourth field, in blocks of 1024 bytes as POSIX has it.
                statement.execute(
                        "COPY pg_temp.pgconvoy_free FROM PROGRAM 'df -P -k . | awk ''NR == 2 { print $4 }'''");
                return Rows.text(connection, "SELECT kilobytes FROM pg_temp.pgconvoy_free")
                        .filter(text -> text.matches("\\d{1,15}"))
                        .map(text -> OptionalLong.of(Long.parseLong(text) * 1024))
                        .orElse(OptionalLong.empty());
            });
        } catch (SQLException notAllowed) {
            return OptionalLong.empty();
        }
    }
}
