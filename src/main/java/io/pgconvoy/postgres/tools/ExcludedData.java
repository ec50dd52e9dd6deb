package io.pgconvoy.postgres.tools;

import io.pgconvoy.postgres.RawEncoding;
import io.pgconvoy.postgres.Sql;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Tables whose data a dump leaves out.
 *
 * @param encoding the source database's, as the server calls it: pg_dump compares names in it, not in the locale's. A
 *     pg_dump before 17 takes names as arguments, which are in the locale's; where a name is not the same in both, the
 *     table's data is in the archive nevertheless.
 * @param largeObjects whether it leaves out the large objects
 */
public record ExcludedData(String encoding, List<Table> tables, boolean largeObjects) {
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

    /**
     * What is left out as arguments.
     *
     * @param filter whether a filter file takes those that it can
     */
    List<String> asArguments(boolean filter) {
        Stream<String> patterns = tables.stream()
                .map(Table::pattern)
                .filter(pattern -> !filter || !fitsIntoFilter(pattern))
                .map(pattern -> "--exclude-table-data=" + pattern);
        // The name that all versions know.
        return Stream.concat(largeObjects ? Stream.of("--no-blobs") : Stream.empty(), patterns)
                .toList();
    }

    /**
     * A file for {@code --filter}, in whose quotes a backslash begins an escape.
     *
     * @return empty where there is nothing for it
     * @see <a href="https://www.postgresql.org/docs/current/app-pgdump.html">pg_dump, --filter</a>
     */
    Optional<byte[]> asFilter() {
        String lines = tables.stream()
                .map(Table::pattern)
                .filter(ExcludedData::fitsIntoFilter)
                .map(pattern ->
                        "exclude table_data " + pattern.replace("\\", "\\\\").replace("\n", "\\n") + "\n")
                .collect(Collectors.joining());
        return lines.isEmpty() ? Optional.empty() : Optional.of(lines.getBytes(charset()));
    }

    /** pg_dump 18 drops carriage returns there, so that another table's data would be left out. */
    private static boolean fitsIntoFilter(String pattern) {
        return pattern.indexOf('\r') < 0;
    }

    private Charset charset() {
        // SQL_ASCII stands for bytes of any kind; ours came as UTF-8.
        return encoding.equals("SQL_ASCII") ? StandardCharsets.UTF_8 : RawEncoding.charset(encoding);
    }
}
