package io.pgconvoy.migration.target;

import io.pgconvoy.postgres.tools.RestoreError;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What an error of pg_restore means where its user is no superuser. That needs no look at the server's words: which
 * command failed says whether anything but rights, comments and the like is lost. The archive's entry says it less
 * surely, because several workers' lines can mix, and because an entry has commands of both kinds.
 */
public enum RestoreErrorKind {
    /** An owner or a privilege: whether it is really missing in the end, the catalogs say. */
    RIGHTS,
    /** Something beside the database's definitions and rows that the user may not set. */
    EXTRA,
    /** A definition or rows. */
    LOSS;

    /** Outside of names there is no quote in it, so that it holds no expression in which anything could stand. */
    private static final Pattern NEW_OWNER = Pattern.compile(
            "ALTER [A-Z ]+ (?:\"(?:[^\"]|\"\")*\"|[^\"'])+ OWNER TO (?:\"(?:[^\"]|\"\")*\"|[^\\s\";]+);");

    private static final List<String> PRIVILEGES = List.of("GRANT ", "REVOKE ", "SET SESSION AUTHORIZATION ");

    private static final List<String> EXTRAS = List.of(
            "ALTER DEFAULT PRIVILEGES ",
            "COMMENT ON ",
            "SECURITY LABEL ",
            "CREATE EVENT TRIGGER ",
            "ALTER EVENT TRIGGER ",
            "CREATE PUBLICATION ",
            "ALTER PUBLICATION ",
            "CREATE SUBSCRIPTION ",
            "ALTER SUBSCRIPTION ");

    private static final int LENGTH = 200;

    /** Whether a database that was restored with this error is not to be taken for complete. */
    static boolean isSerious(RestoreError error, boolean managed) {
        return error.harmlessBecause().isEmpty() && (!managed || of(error) == LOSS);
    }

    /** What an error means. */
    static RestoreErrorKind of(RestoreError error) {
        String command = error.command();
        if (PRIVILEGES.stream().anyMatch(command::startsWith)
                || NEW_OWNER.matcher(command).matches()) {
            return RIGHTS;
        }
        return EXTRAS.stream().anyMatch(command::startsWith) ? EXTRA : LOSS;
    }

    /** What was left out and why, in a line: the command's beginning and the server's words. */
    static String describe(RestoreError error) {
        // The connection string of a subscription may hold a password.
        String command = error.command().startsWith("CREATE SUBSCRIPTION ")
                ? error.command().replaceFirst("(?s) CONNECTION .*", " ...")
                : error.command().lines().findFirst().orElse("");
        String shown = command.length() > LENGTH ? command.substring(0, LENGTH) + " ..." : command;
        return "left out: " + shown + " -- " + error.message().replace("could not execute query: ERROR:  ", "");
    }
}
