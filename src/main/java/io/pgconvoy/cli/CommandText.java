package io.pgconvoy.cli;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A command line as it can be typed again. */
final class CommandText {
    private static final Pattern PLAIN = Pattern.compile("[\\p{L}\\p{N}_.,:/@%+=-]+");

    /** An option that holds a password, or a URI with one. */
    private static final Pattern SECRET =
            Pattern.compile("--(from|to)-pass(=.*)?|.*://[^/?]*:[^/?]*@.*", Pattern.DOTALL);

    private static final int LONGEST = 500;

    private CommandText() {}

    /** Where it holds a password, or is too long to be read, it is only referred to. */
    static String of(List<String> arguments) {
        String text = "pgconvoy " + arguments.stream().map(CommandText::quoted).collect(Collectors.joining(" "));
        boolean secret =
                arguments.stream().anyMatch(argument -> SECRET.matcher(argument).matches());
        return secret || text.length() > LONGEST ? "the same command again" : text;
    }

    private static String quoted(String argument) {
        return PLAIN.matcher(argument).matches() ? argument : "'" + argument.replace("'", "'\\''") + "'";
    }
}
