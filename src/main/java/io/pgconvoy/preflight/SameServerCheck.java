package io.pgconvoy.preflight;

import io.pgconvoy.model.Finding;
import java.util.List;

/** Whether source and target are one server under two names. */
final class SameServerCheck implements ServerCheck {
    @Override
    public String name() {
        return "same-server";
    }

    @Override
    public List<Finding> run(Situation situation) {
        String source = situation.source().status().systemIdentifier();
        String target = situation.target().status().systemIdentifier();
        return source.equals(target)
                        && situation.source().status().inRecovery()
                                == situation.target().status().inRecovery()
                ? List.of(Finding.blocker(
                        name(),
                        situation.source().label() + " and "
                                + situation.target().label() + " are the same cluster: both have the system identifier "
                                + source,
                        "Check --from-host, --from-port, --to-host and --to-port."))
                : List.of();
    }
}
