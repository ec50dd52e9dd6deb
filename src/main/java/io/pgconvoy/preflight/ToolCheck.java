package io.pgconvoy.preflight;

import io.pgconvoy.model.Finding;
import io.pgconvoy.postgres.ServerVersion;
import java.util.List;

/** Whether the client tools are new enough for both servers. */
final class ToolCheck implements ServerCheck {
    @Override
    public String name() {
        return "client-tools";
    }

    @Override
    public List<Finding> run(Situation situation) {
        ServerVersion tools = situation.tools().version();
        ServerVersion source = situation.source().status().version();
        ServerVersion target = situation.target().status().version();
        if (tools.major() < source.major()) {
            return List.of(Finding.blocker(
                    name(),
                    "pg_dump in " + situation.tools().folder() + " is " + tools + ", older than "
                            + situation.source().label() + " with PostgreSQL " + source,
                    "Install the client tools of PostgreSQL " + target.majorText() + ", or name their folder with"
                            + " --pg-bin."));
        }
        if (tools.major() < target.major()) {
            return List.of(Finding.warning(
                    name(),
                    "pg_dump in " + situation.tools().folder() + " is " + tools + ", older than "
                            + situation.target().label() + " with PostgreSQL " + target,
                    "Those of PostgreSQL " + target.majorText() + " know best what that version needs."));
        }
        return List.of();
    }
}
