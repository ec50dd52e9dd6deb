package io.pgconvoy.preflight;

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
                    this,
                    situation.target().label() + " is in recovery (a standby), where nothing can be written",
                    "Promote it, or give the primary's address."));
        }
        if (situation.source().status().inRecovery()
                && !situation.source().status().version().isAtLeast(ServerVersion.V10)) {
            findings.add(Finding.blocker(
                    this,
                    situation.source().label() + " is a standby, which cannot export snapshots before PostgreSQL 10",
                    "Give the primary's address."));
        }
        return findings;
    }
}
