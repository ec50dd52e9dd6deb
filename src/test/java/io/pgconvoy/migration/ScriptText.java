package io.pgconvoy.migration;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What pg_dump and pg_dumpall print, less what differs between two versions of the server although nothing was lost. Each
 * line of code here is such a difference.
 */
final class ScriptText {
    private static final Pattern VIEW = Pattern.compile("CREATE (MATERIALIZED )?VIEW ");
    private static final Pattern POLICY_ROLES =
            Pattern.compile("(?<=CREATE POLICY .{1,200} TO )(.*?)(?= USING | WITH CHECK |;$)");

    private ScriptText() {}

    /** One database's schema, line by line. */
    static List<String> schema(String script) {
        List<String> lines = new ArrayList<>();
        boolean inView = false;
        for (String original : lines(script)) {
            String line = original
                    // Servers before 11 have but procedures.
                    .replace(" EXECUTE PROCEDURE ", " EXECUTE FUNCTION ")
                    // From 18 on these have a name, which pg_dump tells where it has been shortened.
                    .replaceAll("CONSTRAINT \"[^\"]*_not_null\" NOT NULL", "NOT NULL");
            inView |= VIEW.matcher(line).lookingAt();
            if (inView) {
                inView = !line.endsWith(";");
                // Servers from 18 on name a column's table only where there are several.
                line = line.matches("\\s*(FROM|\\(?\\S+ JOIN) .*|.* JOIN .*")
                        ? line
                        : line.replaceAll("\\b[a-z_]+\\.(?=[a-z\"])", "");
            }
            // In the order of their OIDs.
            line = POLICY_ROLES
                    .matcher(line)
                    .replaceAll(roles ->
                            Matcher.quoteReplacement(Arrays.stream(roles.group().split(", ", -1))
                                    .sorted()
                                    .toList()
                                    .toString()));
            // New in 14, where each range type has one.
            if (!line.contains("multirange_type_name = ")) {
                lines.add(line);
            }
        }
        return lines;
    }

    /** The globals, line by line. */
    static List<String> globals(String script) {
        return lines(script).stream()
                // Servers before 16 have no such option: it is the member's own attribute.
                .map(line -> line.replace(", INHERIT TRUE", "").replace(" WITH INHERIT TRUE", ""))
                // pg_dumpall tells grantors only where they are reliable, from 16 on.
                .map(line -> line.replace(" GRANTED BY postgres;", ";"))
                .toList();
    }

    private static List<String> lines(String script) {
        return script.replace("SET default_table_access_method = heap;\n\n", "")
                .lines()
                .filter(line -> !line.isBlank())
                .filter(line -> !line.startsWith("-- Dumped from ") && !line.startsWith("-- Dumped by "))
                // A random word against text that becomes psql's commands.
                .filter(line -> !line.startsWith("\\restrict ") && !line.startsWith("\\unrestrict "))
                .toList();
    }
}
