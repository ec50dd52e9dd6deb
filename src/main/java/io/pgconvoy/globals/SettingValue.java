package io.pgconvoy.globals;

import io.pgconvoy.postgres.Sql;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How a value out of pg_db_role_setting is written in a SET clause.
 *
 * <p>A list of names was quoted before the catalog got it, by rules that are not quite SQL's, so it is taken apart and
 * each name becomes a literal; everything else is one literal. pg_dump does the same (makeAlterConfigCommand in
 * src/bin/pg_dump/dumputils.c).
 */
final class SettingValue {
    /** The server's variables with the flag GUC_LIST_QUOTE; extensions may not define such ones. */
    private static final Set<String> LISTS = Set.of(
            "local_preload_libraries",
            "search_path",
            "session_preload_libraries",
            "shared_preload_libraries",
            "temp_tablespaces",
            "unix_socket_directories");

    private static final String SPACE = " \t\n\r\f\u000b";

    private SettingValue() {}

    /** What follows SET name TO. */
    static String literals(String name, String value) {
        if (!LISTS.contains(name.toLowerCase(Locale.ROOT))) {
            return Sql.literal(value);
        }
        List<String> names = split(value).orElse(List.of(value));
        return names.isEmpty() ? "''" : names.stream().map(Sql::literal).collect(Collectors.joining(", "));
    }

    /** The names of a list such as {@code "$user", public}; empty where it is not one. */
    static Optional<List<String>> split(String list) {
        List<String> names = new ArrayList<>();
        int position = skipSpace(list, 0);
        if (position == list.length()) {
            return Optional.of(names);
        }
        while (true) {
            StringBuilder name = new StringBuilder();
            if (position < list.length() && list.charAt(position) == '"') {
                position = quotedName(list, position + 1, name);
            } else {
                int start = position;
                while (position < list.length()
                        && list.charAt(position) != ','
                        && SPACE.indexOf(list.charAt(position)) < 0) {
                    name.append(list.charAt(position++));
                }
                if (position == start) {
                    return Optional.empty();
                }
            }
            if (position < 0) {
                return Optional.empty();
            }
            names.add(name.toString());
            position = skipSpace(list, position);
            if (position == list.length()) {
                return Optional.of(names);
            }
            if (list.charAt(position) != ',') {
                return Optional.empty();
            }
            position = skipSpace(list, position + 1);
        }
    }

    /** Reads up to and past the closing quote; -1 where there is none. */
    private static int quotedName(String list, int start, StringBuilder name) {
        for (int position = start; position < list.length(); position++) {
            if (list.charAt(position) != '"') {
                name.append(list.charAt(position));
            } else if (position + 1 < list.length() && list.charAt(position + 1) == '"') {
                name.append('"');
                position++;
            } else {
                return position + 1;
            }
        }
        return -1;
    }

    private static int skipSpace(String list, int start) {
        int position = start;
        while (position < list.length() && SPACE.indexOf(list.charAt(position)) >= 0) {
            position++;
        }
        return position;
    }
}
