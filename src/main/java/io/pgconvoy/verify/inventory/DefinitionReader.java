package io.pgconvoy.verify.inventory;

import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Sql;
import io.pgconvoy.postgres.Transaction;
import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** Reads some definitions of one database as they are now, with their parts. */
final class DefinitionReader {
    private static final int AT_ONCE = 500;

    private DefinitionReader() {}

    /** By identity; of what is not there any more, nothing. */
    static Map<String, DefinitionParts> read(
            Connection connection, ServerVersion version, DefinitionQuestion question, Set<String> identities)
            throws SQLException {
        connection.setAutoCommit(false);
        try (Transaction.Undo rollback = connection::rollback;
                Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            InventoryReader.pinSettings(statement, version);
            statement.execute(TargetJudge.BRIEF_LOCKS);
            Map<String, String> names = names(statement, question, identities);
            List<String> oids = new ArrayList<>(names.keySet());
            Map<String, DefinitionParts> parts = new HashMap<>();
            for (int from = 0; from < oids.size(); from += AT_ONCE) {
                String some = String.join(", ", oids.subList(from, Math.min(from + AT_ONCE, oids.size())));
                try (ResultSet row = statement.executeQuery(question.parts(some))) {
                    while (row.next()) {
                        if (row.getString(2) != null) {
                            parts.put(names.get(row.getString(1)), parts(row));
                        }
                    }
                }
            }
            return parts;
        }
    }

    private static Map<String, String> names(Statement statement, DefinitionQuestion question, Set<String> identities)
            throws SQLException {
        Map<String, String> names = new HashMap<>();
        try (ResultSet row = statement.executeQuery(question.list())) {
            while (row.next()) {
                String text = row.getString(2);
                String identity = text == null ? "" : SqlTokens.withoutNeedlessQuotes(text);
                if (identities.contains(identity)) {
                    names.put(row.getString(1), identity);
                }
            }
        }
        return names;
    }

    private static DefinitionParts parts(ResultSet row) throws SQLException {
        Optional<String> name = Optional.ofNullable(row.getString(6));
        String schema = row.getString(5);
        return new DefinitionParts(
                row.getString(2),
                texts(row.getArray(3)),
                texts(row.getArray(4)),
                name.map(table -> Sql.qualified(schema, table)),
                name.map(Sql::identifier),
                Optional.ofNullable(row.getString(7)));
    }

    private static List<String> texts(Array array) throws SQLException {
        return array == null
                ? List.of()
                : Arrays.stream((Object[]) array.getArray())
                        .filter(Objects::nonNull)
                        .map(String::valueOf)
                        .toList();
    }
}
