package io.pgconvoy.cli;

import io.pgconvoy.plan.NearMisses;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Words for what the parser does not understand; a value behind a mistyped option may be a password. */
final class ParameterErrors {
    private ParameterErrors() {}

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
        String option = unmatched.getUnmatched().get(0).replaceFirst("=.*", "");
        CommandLine parent = mistake.getCommandLine().getParent();
        if (parent != null && option.startsWith("--")) {
            List<String> others = parent.getSubcommands().entrySet().stream()
                    .filter(command -> command.getValue().getCommandSpec().findOption(option) != null)
                    .map(command -> "'" + command.getKey() + "'")
                    .sorted()
                    .toList();
            if (!others.isEmpty()) {
                return "that is an option of " + String.join(" and ", others) + "; ";
            }
        }
        List<String> names = unmatched.getSuggestions().stream().limit(3).toList();
        if (names.isEmpty() && option.startsWith("--")) {
            names = NearMisses.of(
                    option,
                    mistake.getCommandLine().getCommandSpec().optionsMap().keySet());
        }
        return names.isEmpty() ? "" : "did you mean " + String.join(" or ", names) + "? Else ";
    }
}
