package io.pgconvoy.cli;

import io.pgconvoy.config.ErrorKind;

/** The documented exit statuses; docs/exit-codes.md is their table for users. */
public enum ExitCode {
    DONE(0),
    BUG(1),
    USAGE(2),
    /** Finished, but databases failed or differ. */
    FAILED_DATABASES(3),
    SOURCE(10),
    TARGET(11),
    JOURNAL(12),
    PREFLIGHT(13),
    INTERRUPTED(130);

    private final int status;

    ExitCode(int status) {
        this.status = status;
    }

    public int status() {
        return status;
    }

    static ExitCode ofStatus(int status) {
        for (ExitCode code : values()) {
            if (code.status == status) {
                return code;
            }
        }
        throw new IllegalArgumentException("no exit code has status " + status);
    }

    /** The status for a failure. */
    static ExitCode of(ErrorKind kind) {
        return switch (kind) {
            case USAGE -> USAGE;
            case SOURCE -> SOURCE;
            case TARGET -> TARGET;
            case JOURNAL -> JOURNAL;
            case PREFLIGHT -> PREFLIGHT;
            case INTERRUPTED -> INTERRUPTED;
        };
    }
}
