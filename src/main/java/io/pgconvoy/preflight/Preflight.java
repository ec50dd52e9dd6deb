package io.pgconvoy.preflight;

import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import java.util.List;
import java.util.stream.Collectors;

/** All checks, before anything is changed. */
public final class Preflight {
    private static final List<Check> CHECKS = List.of(
            new VersionCheck(), new ToolCheck(), new SameServerCheck(), new RecoveryCheck(), new PrivilegeCheck());

    private Preflight() {}

    /** Runs every check, in their order. */
    public static List<Finding> run(Situation situation) {
        return CHECKS.stream().flatMap(check -> check.run(situation).stream()).toList();
    }

    /**
     * Stops here where something blocks.
     *
     * @throws PgconvoyException of kind PREFLIGHT that names every blocker
     */
    public static void refuseBlockers(List<Finding> findings) {
        List<Finding> blockers = findings.stream()
                .filter(finding -> finding.severity() == Finding.Severity.BLOCKER)
                .toList();
        if (!blockers.isEmpty()) {
            throw new PgconvoyException(
                    ErrorKind.PREFLIGHT,
                    blockers.stream().map(Finding::what).collect(Collectors.joining("; ")),
                    blockers.stream().map(Finding::advice).distinct().collect(Collectors.joining(" ")));
        }
    }
}
