package io.pgconvoy.cli;

import io.pgconvoy.config.Endpoint;
import io.pgconvoy.config.Secret;
import io.pgconvoy.postgres.PasswordNeed;
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
    static Endpoint complete(Endpoint endpoint) {
        Console console = System.console();
        if (endpoint.password().isPresent() || console == null || !PasswordNeed.of(endpoint)) {
            return endpoint;
        }
        char[] typed = console.readPassword("Password of %s at %s: ", endpoint.user(), endpoint.label());
        return typed == null ? endpoint : endpoint.withPassword(new Secret(new String(typed)));
    }
}
