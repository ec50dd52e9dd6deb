package io.pgconvoy.cli;

import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.report.Printable;
import java.io.PrintStream;

/** What a failure looks like on stderr: a user's trouble is one sentence and a hint, a bug is a stack trace. */
final class FailureText {
    private FailureText() {}

    static void print(Throwable failure, PrintStream err) {
        if (!(failure instanceof PgconvoyException known)) {
            err.println("pgconvoy: a bug in pgconvoy; please report it with what follows");
            failure.printStackTrace(err);
            return;
        }
        for (PgconvoyException part : known.parts()) {
            print(part.getMessage(), part.hint(), err);
        }
    }

    static void print(String message, String hint, PrintStream err) {
        err.println("pgconvoy: " + Printable.of(message));
        if (!hint.isEmpty()) {
            err.println("hint: " + Printable.of(hint));
        }
    }
}
