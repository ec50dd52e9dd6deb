package io.pgconvoy.preflight.removed;

import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names without a schema in a function's text, by what they stand for; a guess, as no parser is at work. What stands in
 * comments and in strings does not count.
 *
 * @param relations behind FROM, JOIN, INTO, UPDATE and in front of %ROWTYPE and %TYPE
 * @param functions in front of a parenthesis
 * @param types behind two colons
 */
public record UnqualifiedNames(Set<String> relations, Set<String> functions, Set<String> types) {
    private static final Pattern IGNORED = Pattern.compile("'(?:[^']|'')*+'|--[^\\n]*+|/\\*.*?\\*/", Pattern.DOTALL);

    private static final String NAME = "(\"(?:[^\"]|\"\")++\"|[\\p{L}_][\\p{L}\\p{N}_$]*+)";
    private static final String NO_DOT = "(?!\\s*\\.)";
    private static final Pattern RELATION = Pattern.compile(
            "(?<![\\w.\"])(?:from|join|into|update)\\s+(?:only\\s+)?" + NAME + NO_DOT, Pattern.CASE_INSENSITIVE);
    private static final Pattern ROW_TYPE = Pattern.compile(
            "(?<![\\w.\"])" + NAME + "(?:\\s*\\.\\s*" + NAME + ")?\\s*%\\s*(?:row)?type\\b", Pattern.CASE_INSENSITIVE);
    private static final Pattern FUNCTION = Pattern.compile("(?<![\\p{L}\\p{N}_$.\"])" + NAME + "\\s*\\(");
    private static final Pattern TYPE = Pattern.compile("::\\s*" + NAME + NO_DOT);

    public static UnqualifiedNames in(String text) {
        String code = IGNORED.matcher(text).replaceAll(" ");
        Set<String> relations = all(RELATION, code);
        relations.addAll(all(ROW_TYPE, code));
        return new UnqualifiedNames(relations, all(FUNCTION, code), all(TYPE, code));
    }

    private static Set<String> all(Pattern pattern, String code) {
        Set<String> names = new TreeSet<>();
        Matcher matcher = pattern.matcher(code);
        while (matcher.find()) {
            names.add(unquoted(matcher.group(1)));
        }
        return names;
    }

    private static String unquoted(String name) {
        return name.startsWith("\"")
                ? name.substring(1, name.length() - 1).replace("\"\"", "\"")
                : name.toLowerCase(Locale.ROOT);
    }
}
