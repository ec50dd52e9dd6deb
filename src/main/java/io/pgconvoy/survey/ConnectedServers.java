package io.pgconvoy.survey;

import io.pgconvoy.config.Endpoint;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.postgres.concurrent.Tasks;
import java.time.Duration;

/** Both servers and what they said about themselves. */
public record ConnectedServers(ConnectedServer source, ConnectedServer target) {
    /**
     * Connects to both at once, for the first time.
     *
     * @param atSource how long sessions there wait for locks
     * @param atTarget the same
     * @throws PgconvoyException where one cannot be asked: of the source, where neither can be
     */
    public static ConnectedServers make(
            Endpoint here,
            Duration atSource,
            Endpoint there,
            Duration atTarget,
            RunMessages notes,
            Cancellation cancellation) {
        try (Tasks tasks = Tasks.open("connect", cancellation)) {
            var target = tasks.start("target", () -> ConnectedServer.make(there, atTarget, notes, cancellation));
            ConnectedServer source = ConnectedServer.make(here, atSource, notes, cancellation);
            tasks.join();
            return new ConnectedServers(source, target.result());
        }
    }
}
