package io.pgconvoy.preflight.server;

import io.pgconvoy.model.Finding;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.ServerCheck;
import java.util.List;

/** Whether source and target are one server under two names. */
public final class SameServerCheck extends ServerCheck {
    public SameServerCheck() {
        super("same-server", "blocker", "both addresses are one cluster");
    }

    @Override
    public List<Finding> run(CheckContext context) {
        String source = context.source().status().systemIdentifier();
        String target = context.target().status().systemIdentifier();
        return source.equals(target)
                        && context.source().status().inRecovery()
                                == context.target().status().inRecovery()
                ? List.of(blocker(
                        context.source().label() + " and "
                                + context.target().label() + " are the same cluster: both have the system identifier "
                                + source,
                        "Check --from-host, --from-port, --to-host and --to-port."))
                : List.of();
    }
}
