package io.pgconvoy.journal;

import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import java.nio.file.Path;

/** What is said of a file of the journal that cannot be believed. */
final class DamagedFile {
    private DamagedFile() {}

    /** It is truncated, malformed, or lacks something. */
    static PgconvoyException unreadable(Path file, Exception cause) {
        return new PgconvoyException(
                ErrorKind.JOURNAL,
                "the journal's file " + file + " is damaged or from another version of pgconvoy",
                advice(file),
                cause);
    }

    /** It can be read, but is not what was written. */
    static PgconvoyException altered(Path file) {
        return new PgconvoyException(
                ErrorKind.JOURNAL,
                "the journal's file " + file + " is damaged: its contents do not fit its sum",
                advice(file),
                null);
    }

    /** Ways out that all end in a complete migration. */
    private static String advice(Path file) {
        String name = String.valueOf(file.getFileName());
        if (name.equals(Journal.RECORD)) {
            return "Delete the file, and run the same command again: its copy, " + Journal.RECORD_COPY
                    + ", is used then.";
        }
        if (name.equals(Journal.RECORD_COPY)) {
            return "Delete the file: it is written again.";
        }
        if (name.equals(Step.CREATED.name() + ".json")) {
            return "Delete the file, and drop its database on the target or run once with --drop-existing: the database is"
                    + " moved anew then.";
        }
        if (name.equals("borrowed-roles.json")) {
            return "It says of which roles the target's user became a member for the migration. Look for them with \\drg in"
                    + " psql, REVOKE what does not belong there, and delete the file.";
        }
        return "Delete the file to have its step done again, or use the version that wrote it.";
    }
}
