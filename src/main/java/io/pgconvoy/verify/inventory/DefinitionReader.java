package io.pgconvoy.verify.inventory;

import io.pgconvoy.postgres.Row;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.Sql;
import java.util.ArrayList;
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
    static Map<String, DefinitionParts> read(Session session, DefinitionQuestion question, Set<String> identities) {
        return session.rolledBack(transaction -> {
            InventoryReader.pinSettings(transaction);
            transaction.execute(TargetJudge.BRIEF_LOCKS);
            Map<String, String> names = names(transaction, question, identities);
            List<String> oids = new ArrayList<>(names.keySet());
            Map<String, DefinitionParts> parts = new HashMap<>();
            for (int from = 0; from < oids.size(); from += AT_ONCE) {
                String some = String.join(", ", oids.subList(from, Math.min(from + AT_ONCE, oids.size())));
                transaction.each(question.parts(some), row -> {
                    if (row.getString(2) != null) {
                        parts.put(names.get(row.getString(1)), parts(row));
                    }
                });
            }
            return parts;
        });
    }

    private static Map<String, String> names(Session session, DefinitionQuestion question, Set<String> identities) {
        Map<String, String> names = new HashMap<>();
        session.each(question.list(), row -> {
            String identity = row.text(2).map(SqlTokens::withoutNeedlessQuotes).orElse("");
            if (identities.contains(identity)) {
                names.put(row.getString(1), identity);
            }
        });
        return names;
    }

    private static DefinitionParts parts(Row row) {
        Optional<String> name = row.text(6);
        String schema = row.getString(5);
        return new DefinitionParts(
                row.getString(2),
                texts(row, 3),
                texts(row, 4),
                name.map(table -> Sql.qualified(schema, table)),
                name.map(Sql::identifier),
                row.text(7));
    }

    private static List<String> texts(Row row, int column) {
        return row.texts(column).stream().filter(Objects::nonNull).toList();
    }
}
