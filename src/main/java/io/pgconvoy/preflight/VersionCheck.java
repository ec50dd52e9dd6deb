package io.pgconvoy.preflight;

import io.pgconvoy.model.Finding;
import io.pgconvoy.postgres.ServerVersion;
import java.util.ArrayList;
import java.util.List;

/** Whether these two versions can be source and target. */
final class VersionCheck extends ServerCheck {
    VersionCheck() {
        super("versions", "blocker", "a source newer than the target, or older than 9.5");
    }

    @Override
    List<Finding> run(CheckContext context) {
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
