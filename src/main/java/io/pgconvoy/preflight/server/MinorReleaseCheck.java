package io.pgconvoy.preflight.server;

import io.pgconvoy.model.Finding;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.ServerCheck;
import io.pgconvoy.preflight.database.ColumnOptionsCheck;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether the target or the tools lack corrections that the source has: a minor release may teach a server something that
 * an older pg_dump passes on without knowing it and an older target rejects. Servers from November 2026 on do so with the
 * column option {@code pg_attver}; see {@link ColumnOptionsCheck}.
 */
public final class MinorReleaseCheck extends ServerCheck {
    public MinorReleaseCheck() {
        super(
                "minor-releases",
                "warning",
                "a target, or tools, whose minor release is older than the source's; a target older than"
                        + " the tools");
    }

    @Override
    public List<Finding> run(CheckContext context) {
        ServerVersion source = context.source().status().version();
        ServerVersion target = context.target().status().version();
        ServerVersion tools = context.tools().version();
        List<String> newer = new ArrayList<>();
        List<Finding> findings = new ArrayList<>();
        LocalDate targetDate = ReleaseDates.of(target);
        if (ReleaseDates.of(source).isAfter(targetDate)) {
            newer.add("the source's " + dated(source));
        }
        if (ReleaseDates.of(tools).isAfter(targetDate)) {
            newer.add("the client tools' " + dated(tools));
        }
        if (!newer.isEmpty()) {
            findings.add(warning(
                    context.target().label() + " is PostgreSQL " + dated(target) + ", older than "
                            + String.join(" and ", newer) + ": what those know it may reject",
                    "Bring the target to its newest minor release before the migration."));
        }
        if (ReleaseDates.of(source).isAfter(ReleaseDates.of(tools))) {
            findings.add(warning(
                    "pg_dump in " + context.tools().folder() + " is " + dated(tools) + ", older than the source's "
                            + dated(source),
                    "Bring this machine's client tools to their newest minor release, or name newer ones with"
                            + " --pg-bin."));
        }
        return findings;
    }

    private static String dated(ServerVersion version) {
        return version + " of "
                + (ReleaseDates.isListed(version)
                        ? ReleaseDates.month(ReleaseDates.of(version))
                        : "before November 2025");
    }
}
