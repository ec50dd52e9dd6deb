package io.pgconvoy.migration;

import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How the text of pg_dump and pg_dumpall for one and the same thing differs from one version of the server to another, or
 * from the source to what arrived. Each of them is explained in docs/fidelity.md under its title; there are no others.
 */
enum VersionDifference {
    DUMPED_FROM("The version in the header", "-- Dumped (from|by) .*|\\\\(un)?restrict .*", null),
    ACCESS_METHOD("SET default_table_access_method", "SET default_table_access_method = heap;", null),
    TRIGGER_FUNCTION("EXECUTE FUNCTION", " EXECUTE PROCEDURE ", " EXECUTE FUNCTION "),
    NOT_NULL_NAMES("Names of NOT NULL constraints", "CONSTRAINT \"[^\"]*_not_null\" NOT NULL", "NOT NULL"),
    MULTIRANGE("multirange_type_name", "    multirange_type_name = .*", null),
    MAINTAIN(
            "The privilege MAINTAIN", "SELECT,INSERT,REFERENCES,DELETE,TRIGGER,TRUNCATE,UPDATE(?= ON TABLES? )", "ALL"),
    MAINTAIN_OF_OWNERS("The privilege MAINTAIN", "(.* )?GRANT MAINTAIN ON TABLES? .*;", null),
    SUBSCRIPTION_SLOT("slot_name = NONE", "(?<=^CREATE SUBSCRIPTION .{1,500} slot_name = )'[^']*'", "NONE"),
    POLICY_ROLES(
            "The order of a policy's roles", "(?<=^CREATE POLICY .{1,200} TO )(.*?)(?= USING | WITH CHECK |;$)", "") {
        @Override
        Optional<String> apply(String line, boolean inView) {
            return Optional.of(pattern()
                    .matcher(line)
                    .replaceAll(roles ->
                            Matcher.quoteReplacement(Arrays.stream(roles.group().split(", ", -1))
                                    .sorted()
                                    .toList()
                                    .toString())));
        }
    },
    VIEW_COLUMNS("Column names in views", "\\b[a-z_]+\\.(?=[a-z\"])", "") {
        @Override
        Optional<String> apply(String line, boolean inView) {
            // What follows FROM or JOIN is a schema, not a table.
            return inView && !line.matches("\\s*(FROM|\\(?\\S+ JOIN) .*|.* JOIN .*")
                    ? super.apply(line, true)
                    : Optional.of(line);
        }
    },
    MEMBERSHIP_OPTIONS("WITH INHERIT TRUE", " WITH INHERIT TRUE(?= GRANTED BY |;$)|, INHERIT TRUE", ""),
    MEMBERSHIP_GRANTORS("GRANTED BY", "(?<=^GRANT .{1,500}) GRANTED BY postgres;$", ";");

    private final String title;
    private final Pattern pattern;
    private final Optional<String> replacement;

    /**
     * @param title of the paragraph in docs/fidelity.md
     * @param pattern of what differs, within one line
     * @param replacement what both sides are made to read instead; null where lines that match as a whole are left out
     */
    VersionDifference(String title, String pattern, String replacement) {
        this.title = title;
        this.pattern = Pattern.compile(pattern);
        this.replacement = Optional.ofNullable(replacement);
    }

    String title() {
        return title;
    }

    Pattern pattern() {
        return pattern;
    }

    /** The line without this difference; empty where nothing is left of it. */
    Optional<String> apply(String line, boolean inView) {
        Matcher matcher = pattern.matcher(line);
        if (replacement.isEmpty()) {
            return matcher.matches() ? Optional.empty() : Optional.of(line);
        }
        return Optional.of(matcher.replaceAll(replacement.get()));
    }
}
