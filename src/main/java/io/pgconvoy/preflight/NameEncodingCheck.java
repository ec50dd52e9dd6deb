package io.pgconvoy.preflight;

import io.pgconvoy.catalog.SharedText;
import io.pgconvoy.postgres.RawEncoding;
import io.pgconvoy.preflight.Finding.Place;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** Schemas, tables and columns of a database of encoding SQL_ASCII whose names are no UTF-8: nobody could ask for them. */
final class NameEncodingCheck implements DatabaseCheck {
    @Override
    public String name() {
        return "name-encodings";
    }

    @Override
    public List<Finding> run(Situation situation, SourceDatabase database) throws SQLException {
        List<Place> places = new ArrayList<>();
        try (Statement statement = database.connection().createStatement()) {
            if (!RawEncoding.isNeeded(statement)) {
                return List.of();
            }
            try (ResultSet row = statement.executeQuery(query(statement))) {
                while (row.next()) {
                    byte[] name = row.getBytes(2);
                    if (RawEncoding.utf8(name).isEmpty()) {
                        places.add(
                                Place.of(database.name(), row.getString(1) + " \"" + RawEncoding.printed(name) + "\""));
                    }
                }
            }
        }
        return places.isEmpty()
                ? List.of()
                : List.of(Finding.blocker(
                                this,
                                "names in databases of encoding SQL_ASCII are not in UTF-8, so that their tables cannot be"
                                        + " counted or compared",
                                "Rename them on the source, from a session with their encoding: SET client_encoding ="
                                        + " latin1; ALTER ... RENAME TO. Or leave the database out with --exclude-db and"
                                        + " move it with pg_dump and pg_restore.")
                        .at(places));
    }

    private static String query(Statement statement) throws SQLException {
        String ofUser = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'";
        return """
                SELECT 'schema', %s FROM pg_namespace AS n WHERE %s
                UNION ALL
                SELECT CASE c.relkind WHEN 'S' THEN 'sequence' WHEN 'i' THEN 'index' WHEN 'v' THEN 'view' ELSE 'table' END, %s
                  FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE %s
                UNION ALL
                SELECT 'column', %s FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
                  JOIN pg_namespace AS n ON n.oid = c.relnamespace
                 WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped AND %s
                """.formatted(
                        SharedText.bytes(statement, "n.nspname"),
                        ofUser,
                        SharedText.bytes(statement, "c.relname"),
                        ofUser,
                        SharedText.bytes(statement, "a.attname"),
                        ofUser);
    }
}
