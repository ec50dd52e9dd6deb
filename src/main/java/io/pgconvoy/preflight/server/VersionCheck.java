package io.pgconvoy.preflight.server;

import io.pgconvoy.model.Finding;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.ServerCheck;
import java.util.ArrayList;
import java.util.List;

/** Whether these two versions can be source and target. */
public final class VersionCheck extends ServerCheck {
    public VersionCheck() {
        super("versions", "blocker", "a source newer than the target, or older than 9.5");
    }

    @Override
    public List<Finding> run(CheckContext context) {
        ServerVersion source = context.source().status().version();
        ServerVersion target = context.target().status().version();
        List<Finding> findings = new ArrayList<>();
        if (source.major() > target.major()) {
            findings.add(blocker(
                    context.source().label() + " is PostgreSQL " + source + ", newer than "
                            + context.target().label() + " with " + target,
                    "Have the target upgraded, or exchange --from and --to if they are mixed up."));
        }
        if (!source.isAtLeast(ServerVersion.V9_5)) {
            findings.add(blocker(
                    context.source().label() + " is PostgreSQL " + source + ", which is older than 9.5",
                    "Move it to 9.5 or later first."));
        }
        return findings;
    }
}
