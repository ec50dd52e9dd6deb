package io.pgconvoy.preflight;

import io.pgconvoy.config.Side;
import io.pgconvoy.model.Finding;
import io.pgconvoy.postgres.ServerVersion;
import java.util.ArrayList;
import java.util.List;

/** Whether a standby stands where it cannot. */
final class RecoveryCheck implements ServerCheck {
    @Override
    public String name() {
        return "recovery";
    }

    @Override
    public List<Finding> run(Situation situation) {
        List<Finding> findings = new ArrayList<>();
        if (situation.target().status().inRecovery()) {
            findings.add(Finding.blocker(
                    name(),
                    situation.target().label() + " is in recovery (a standby), where nothing can be written",
                    "Promote it, or give the primary's address."));
        }
        if (situation.source().status().inRecovery()
                && !situation.source().status().version().isAtLeast(ServerVersion.V10)) {
            findings.add(Finding.blocker(
                    name(),
                    situation.source().label() + " is a standby, which cannot export snapshots before PostgreSQL 10",
                    "Give the primary's address."));
        }
        if (situation.source().status().inRecovery() && findings.isEmpty()) {
            findings.add(Finding.note(
                            name(),
                            situation.source().label()
                                    + " is a standby: replaying the primary's changes may break off a"
                                    + " dump that runs for longer than max_standby_streaming_delay",
                            "For the time of the migration set max_standby_streaming_delay = -1 there (and"
                                    + " hot_standby_feedback = on).")
                    .on(Side.SOURCE));
        }
        return findings;
    }
}
