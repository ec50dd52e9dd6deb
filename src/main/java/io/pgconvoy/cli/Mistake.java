package io.pgconvoy.cli;

import java.util.List;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Words for what the parser does not understand; a value behind a mistyped option may be a password. */
final class Mistake {
    private Mistake() {}

    static String sentence(ParameterException mistake) {
        if (!(mistake instanceof UnmatchedArgumentException unmatched)) {
            return mistake.getMessage();
        }
        String first = unmatched.getUnmatched().get(0);
        if (first.startsWith("-")) {
            return "there is no option '" + first.replaceFirst("=.*", "") + "'";
        }
        boolean atTop = mistake.getCommandLine().getParent() == null;
        return atTop && first.matches("[a-z-]{1,30}")
                ? "there is no command '" + first + "'"
                : "an argument belongs to no option (it is not repeated here, since it may be a password)";
    }

    /** The names that may have been meant, or nothing. */
    static String suggestion(ParameterException mistake) {
        if (!(mistake instanceof UnmatchedArgumentException unmatched)) {
            return "";
        }
        List<String> names = unmatched.getSuggestions().stream().limit(3).toList();
        return names.isEmpty() ? "" : "did you mean " + String.join(" or ", names) + "? Else ";
    }
}
