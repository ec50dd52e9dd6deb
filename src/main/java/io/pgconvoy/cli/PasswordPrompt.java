package io.pgconvoy.cli;

import io.pgconvoy.config.Endpoint;
import io.pgconvoy.config.Secret;
import io.pgconvoy.postgres.PasswordNeed;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.postgres.concurrent.SlowStep;
import java.io.Console;

/** Asks on the terminal for a password that the server wants and nothing else provides. */
final class PasswordPrompt {
    private PasswordPrompt() {}

    static {
        // From JDK 22 on there would be a console even without a terminal; this one is null then, as before.
        System.setProperty("jdk.console", "java.base");
    }

    /** The endpoint with a password typed by the user, if one is needed and there is a terminal to ask on. */
    @SuppressWarnings("SystemConsoleNull")
    static Endpoint complete(Endpoint endpoint, Cancellation cancellation) {
        Console console = System.console();
        if (endpoint.password().isPresent() || console == null) {
            return endpoint;
        }
        // Nothing has begun that would have to be cleaned up, and a terminal's read takes no notice of anything else.
        try (var leaving = cancellation.onCancel(Interruption::leave)) {
            boolean needed;
            try (var slow = SlowStep.tell(() -> console.printf("connecting to %s ...%n", endpoint.label()))) {
                needed = PasswordNeed.of(endpoint);
            }
            if (!needed) {
                return endpoint;
            }
            char[] typed = console.readPassword("Password of %s at %s: ", endpoint.user(), endpoint.label());
            return typed == null ? endpoint : endpoint.withPassword(new Secret(new String(typed)));
        }
    }
}
