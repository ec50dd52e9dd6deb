package io.pgconvoy.config;

/** What kind of trouble ended a run; the command line turns it into the documented exit code. */
public enum ErrorKind {
    /** The user's command, environment or configuration file is wrong. */
    USAGE,
    /** The source server, or a tool working on it, failed. */
    SOURCE,
    /** The target server, or a tool working on it, failed. */
    TARGET,
    /** The journal is locked, unusable, or belongs to another migration. */
    JOURNAL,
    /** Preflight found a blocker. */
    PREFLIGHT,
    /** The user or the system asked the run to stop. */
    INTERRUPTED;

    /** The kind for a failure on the given side. */
    public static ErrorKind of(Side side) {
        return switch (side) {
            case SOURCE -> SOURCE;
            case TARGET -> TARGET;
        };
    }
}
