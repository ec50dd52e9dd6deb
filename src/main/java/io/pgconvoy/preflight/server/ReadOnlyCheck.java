package io.pgconvoy.preflight.server;

import io.pgconvoy.model.Finding;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.ServerCheck;
import io.pgconvoy.preflight.ServerSession;
import java.util.List;

/**
 * Whether the target lets our sessions write though it is no standby. They ask for {@code default_transaction_read_only =
 * off} when they connect, which prevails over the server's, the role's and the database's setting; so where they are
 * read-only all the same, something in between keeps the option from the server, or the service does not want to be
 * written to.
 */
public final class ReadOnlyCheck extends ServerCheck {
    public ReadOnlyCheck() {
        super(
                "read-only",
                "blocker",
                "a target that makes our transactions read-only, as a pooler or a reader's address may");
    }

    @Override
    public List<Finding> run(CheckContext context) {
        ServerSession target = context.target();
        if (target.status().inRecovery()
                || !target.session().flag("SELECT current_setting('transaction_read_only')::boolean")) {
            return List.of();
        }
        return List.of(blocker(
                target.label() + " makes our transactions read-only, though they ask for"
                        + " default_transaction_read_only = off",
                "Connect to the server itself, not by a pooler or a reader's address, and have default_transaction_read_only"
                        + " reset."));
    }
}
