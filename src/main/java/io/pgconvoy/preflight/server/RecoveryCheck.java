package io.pgconvoy.preflight.server;

import io.pgconvoy.config.Side;
import io.pgconvoy.model.Finding;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.ServerCheck;
import java.util.ArrayList;
import java.util.List;

/** Whether a standby stands where it cannot. */
public final class RecoveryCheck extends ServerCheck {
    public RecoveryCheck() {
        super(
                "recovery",
                "blocker, note",
                "a target that is a standby; a source that is one (before 10 it cannot be dumped)");
    }

    @Override
    public List<Finding> run(CheckContext context) {
        List<Finding> findings = new ArrayList<>();
        if (context.target().status().inRecovery()) {
            findings.add(blocker(
                    context.target().label() + " is in recovery (a standby), where nothing can be written",
                    "Promote it, or give the primary's address."));
        }
        if (context.source().status().inRecovery()
                && !context.source().status().version().isAtLeast(ServerVersion.V10)) {
            findings.add(blocker(
                    context.source().label() + " is a standby, which cannot export snapshots before PostgreSQL 10",
                    "Give the primary's address."));
        }
        if (context.source().status().inRecovery() && findings.isEmpty()) {
            findings.add(note(
                            context.source().label()
                                    + " is a standby: replaying the primary's changes may break off a"
                                    + " dump that runs for longer than max_standby_streaming_delay",
                            "For the time of the migration set max_standby_streaming_delay = -1 there (and"
                                    + " hot_standby_feedback = on).")
                    .on(Side.SOURCE));
        }
        return findings;
    }
}
