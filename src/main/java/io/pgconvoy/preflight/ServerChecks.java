package io.pgconvoy.preflight;

import java.util.List;

/** The checks that look at both servers as a whole, in the order of their reports. */
final class ServerChecks {
    private ServerChecks() {}

    static List<ServerCheck> all() {
        return List.of(
                new ClosedDatabaseCheck(), new LeftBehindDatabaseCheck(), new LocaleCheck(new LocaleProbe()));
    }
}
