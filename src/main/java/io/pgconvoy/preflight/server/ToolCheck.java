package io.pgconvoy.preflight.server;

import io.pgconvoy.model.Finding;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.ServerCheck;
import java.util.List;

/** Whether the client tools are new enough for both servers. */
public final class ToolCheck extends ServerCheck {
    public ToolCheck() {
        super("client-tools", "blocker, warning", "a pg_dump older than the source; older than the target");
    }

    @Override
    public List<Finding> run(CheckContext context) {
        ServerVersion tools = context.tools().version();
        ServerVersion source = context.source().status().version();
        ServerVersion target = context.target().status().version();
        if (tools.major() < source.major()) {
            return List.of(blocker(
                    "pg_dump in " + context.tools().folder() + " is " + tools + ", older than "
                            + context.source().label() + " with PostgreSQL " + source,
                    "Install the client tools of PostgreSQL " + target.majorText() + ", or name their folder with"
                            + " --pg-bin."));
        }
        if (tools.major() < target.major()) {
            return List.of(warning(
                    "pg_dump in " + context.tools().folder() + " is " + tools + ", older than "
                            + context.target().label() + " with PostgreSQL " + target,
                    "Those of PostgreSQL " + target.majorText() + " know best what that version needs."));
        }
        return List.of();
    }
}
