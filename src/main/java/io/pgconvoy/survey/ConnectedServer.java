package io.pgconvoy.survey;

import io.pgconvoy.catalog.ServerStatus;
import io.pgconvoy.config.Endpoint;
import io.pgconvoy.journal.ServerIdentity;
import io.pgconvoy.plan.ConnectionBudget;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.postgres.concurrent.SlowStep;
import io.pgconvoy.postgres.retry.TransientRetry;
import io.pgconvoy.report.Summary.ServerSummary;
import java.time.Duration;

/**
 * A server and what it said about itself.
 *
 * @param server to connect to it
 * @param status what it said
 */
public record ConnectedServer(Server server, ServerStatus status) {
    /** Connects for the first time; its sessions wait for locks no longer than that. */
    static ConnectedServer make(Endpoint endpoint, Duration lockWait, RunMessages notes, Cancellation cancellation) {
        TransientRetry retry = new TransientRetry(cancellation, notes::passing);
        ConnectedServer contact =
                retry.run("the first connection", () -> once(endpoint, lockWait, notes, cancellation));
        notes.triedAgain(retry);
        return contact;
    }

    private static ConnectedServer once(
            Endpoint endpoint, Duration lockWait, RunMessages notes, Cancellation cancellation) {
        Server server;
        try (var slow = SlowStep.tell(() -> notes.info("connecting to " + endpoint.label() + " ..."))) {
            server = Server.connect(endpoint, "pgconvoy", cancellation).withLockWait(lockWait);
        }
        try (Session session = server.session("asking the server about itself")) {
            return new ConnectedServer(server, ServerStatus.of(session));
        }
    }

    public ServerIdentity identity() {
        return new ServerIdentity(server.endpoint().host(), server.endpoint().port(), status.systemIdentifier());
    }

    public ServerSummary summary() {
        return new ServerSummary(
                server.endpoint().host(),
                server.endpoint().port(),
                server.version().toString());
    }

    public ConnectionBudget budget() {
        return ConnectionBudget.of(status);
    }
}
