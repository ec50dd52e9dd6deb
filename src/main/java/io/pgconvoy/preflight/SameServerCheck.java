package io.pgconvoy.preflight;

import java.util.List;

/** Whether source and target are one server under two names. */
final class SameServerCheck implements Check {
    @Override
    public String name() {
        return "same-server";
    }

    @Override
    public List<Finding> run(Situation situation) {
        String source = situation.sourceStatus().systemIdentifier();
        String target = situation.targetStatus().systemIdentifier();
        return source.equals(target)
                        && situation.sourceStatus().inRecovery()
                                == situation.targetStatus().inRecovery()
                ? List.of(Finding.blocker(
                        this,
                        situation.source().label() + " and "
                                + situation.target().label() + " are the same cluster: both have the system identifier "
                                + source,
                        "Check --from-host, --from-port, --to-host and --to-port."))
                : List.of();
    }
}
