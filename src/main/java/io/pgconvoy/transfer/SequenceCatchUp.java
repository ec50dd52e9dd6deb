package io.pgconvoy.transfer;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.postgres.Cancellation;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Sql;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Has the target's sequences go on where the source's are by now, where rows that were written there since the restore are
 * to follow. None is set back: clients draw from them.
 */
public final class SequenceCatchUp {
    private final Server source;
    private final Server target;
    private final DatabaseName database;
    private final Cancellation cancellation;

    public SequenceCatchUp(Server source, Server target, DatabaseName database, Cancellation cancellation) {
        this.source = source;
        this.target = target;
        this.database = database;
        this.cancellation = cancellation;
    }

    private record Sequence(String schema, String name) {
        String quoted() {
            return Sql.qualified(schema, name);
        }
    }

    private record Position(Sequence sequence, long last, boolean called, boolean ascending) {}

    /** @param onSource in the snapshot of the rows to come; what a sequence tells is of the present all the same */
    public void run(Connection onSource) {
        List<Position> positions;
        try {
            positions = positions(onSource);
        } catch (SQLException failure) {
            throw source.failure(database, "reading sequences", failure);
        }
        try (Connection connection = target.open(database);
                Statement statement = connection.createStatement();
                var registration = cancellation.breaksOff(connection)) {
            for (Position position : positions) {
                cancellation.check();
                advance(statement, position);
            }
        } catch (SQLException failure) {
            cancellation.check();
            throw target.failure(database, "setting sequences", failure);
        }
    }

    private List<Position> positions(Connection connection) throws SQLException {
        List<Sequence> sequences = new ArrayList<>();
        List<Position> positions = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                var registration = cancellation.breaksOff(connection)) {
            try (ResultSet row = statement.executeQuery("""
                    SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                     WHERE c.relkind = 'S' AND c.relpersistence <> 't'
                    """)) {
                while (row.next()) {
                    sequences.add(new Sequence(row.getString(1), row.getString(2)));
                }
            }
            for (Sequence sequence : sequences) {
                try (ResultSet row = statement.executeQuery(position(sequence))) {
                    row.next();
                    positions.add(new Position(sequence, row.getLong(1), row.getBoolean(2), row.getBoolean(3)));
                }
            }
        }
        return positions;
    }

    private String position(Sequence sequence) {
        return source.version().isAtLeast(ServerVersion.V10)
                ? "SELECT s.last_value, s.is_called, p.seqincrement > 0 FROM " + sequence.quoted()
                        + " AS s JOIN pg_catalog.pg_sequence AS p ON p.seqrelid = s.tableoid"
                : "SELECT last_value, is_called, increment_by > 0 FROM " + sequence.quoted();
    }

    /** One that clients have dropped, or drawn more from, is left alone. */
    private static void advance(Statement statement, Position position) throws SQLException {
        String quoted = position.sequence().quoted();
        try (ResultSet there =
                statement.executeQuery("SELECT pg_catalog.to_regclass(" + Sql.literal(quoted) + ") IS NOT NULL")) {
            there.next();
            if (!there.getBoolean(1)) {
                return;
            }
        }
        statement.execute("SELECT pg_catalog.setval(" + Sql.literal(quoted) + ", " + position.last() + ", "
                + position.called() + ") FROM " + quoted + " WHERE last_value " + (position.ascending() ? "<" : ">")
                + " "
                + position.last() + " OR last_value = " + position.last() + " AND NOT is_called AND "
                + position.called());
    }
}
