package io.pgconvoy.postgres;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import org.postgresql.core.Encoding;

/**
 * Tables whose data a dump leaves out.
 *
 * @param encoding the source database's, as the server calls it: pg_dump compares names in it, not in the locale's. A
 *     pg_dump before 17 takes names as arguments, which are in the locale's; where a name is not the same in both, the
 *     table's data is in the archive nevertheless.
 */
public record ExcludedData(String encoding, List<Table> tables) {
    /** Leaves nothing out. */
    public static final ExcludedData NOTHING = new ExcludedData("UTF8", List.of());

    /** A table by its schema and its name. */
    public record Table(String schema, String name) {
        /** Within double quotes nothing but a double quote has a meaning. */
        private String pattern() {
            return Sql.qualified(schema, name);
        }
    }

    public ExcludedData {
        tables = List.copyOf(tables);
    }

    boolean isNothing() {
        return tables.isEmpty();
    }

    List<String> asArguments() {
        return tables.stream()
                .map(table -> "--exclude-table-data=" + table.pattern())
                .toList();
    }

    /**
     * A file for {@code --filter}, in whose quotes a backslash begins an escape.
     *
     * @see <a href="https://www.postgresql.org/docs/current/app-pgdump.html">pg_dump, --filter</a>
     */
    byte[] asFilter() {
        return tables.stream()
                .map(table -> "exclude table_data "
                        + table.pattern().replace("\\", "\\\\").replace("\n", "\\n")
                        + "\n")
                .collect(Collectors.joining())
                .getBytes(charset());
    }

    private Charset charset() {
        // SQL_ASCII stands for bytes of any kind; ours came as UTF-8.
        return encoding.equals("SQL_ASCII")
                ? StandardCharsets.UTF_8
                : Charset.forName(Encoding.getDatabaseEncoding(encoding).name());
    }
}
