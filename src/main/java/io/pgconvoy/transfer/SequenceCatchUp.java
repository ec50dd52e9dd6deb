package io.pgconvoy.transfer;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.postgres.Row;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.Sql;
import java.util.List;

/**
 * Has the target's sequences go on where the source's are by now, where rows that were written there since the restore are
 * to follow. None is set back: clients draw from them.
 */
public final class SequenceCatchUp {
    private SequenceCatchUp() {}

    private record Position(String sequence, long last, boolean called, boolean ascending) {
        static Position of(String sequence, Row row) {
            return new Position(sequence, row.getLong(1), row.getBoolean(2), row.getBoolean(3));
        }
    }

    /** @param source in the snapshot of the rows to come; what a sequence tells is of the present all the same */
    public static void run(Session source, Server target, DatabaseName database) {
        List<Position> positions = positions(source.doing("reading sequences"));
        try (Session session = target.session(database, "setting sequences")) {
            positions.forEach(position -> advance(session, position));
        }
    }

    private static List<Position> positions(Session source) {
        List<String> sequences = source.list("""
                SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE c.relkind = 'S' AND c.relpersistence <> 't'
                """, row -> Sql.qualified(row.getString(1), row.getString(2)));
        String position = source.version().isAtLeast(ServerVersion.V10)
                ? "SELECT s.last_value, s.is_called, p.seqincrement > 0 FROM %s AS s"
                        + " JOIN pg_catalog.pg_sequence AS p ON p.seqrelid = s.tableoid"
                : "SELECT last_value, is_called, increment_by > 0 FROM %s";
        return sequences.stream()
                .flatMap(name -> source.first(position.formatted(name), row -> Position.of(name, row)).stream())
                .toList();
    }

    /** One that clients have dropped, or drawn more from, is left alone. */
    private static void advance(Session session, Position position) {
        String name = Sql.literal(position.sequence());
        if (!session.flag("SELECT pg_catalog.to_regclass(" + name + ") IS NOT NULL")) {
            return;
        }
        session.execute("SELECT pg_catalog.setval(" + name + ", " + position.last() + ", " + position.called()
                + ") FROM " + position.sequence() + " WHERE last_value " + (position.ascending() ? "<" : ">") + " "
                + position.last() + " OR last_value = " + position.last() + " AND NOT is_called AND "
                + position.called());
    }
}
