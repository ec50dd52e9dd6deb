package io.pgconvoy.preflight;

/**
 * What a check found.
 *
 * @param check the check's name, in kebab case
 * @param what one sentence: the server, database or object, and what is the matter
 * @param advice what to do about it
 */
public record Finding(String check, Severity severity, String what, String advice) {
    /** How bad it is. */
    public enum Severity {
        /** The migration does not begin. */
        BLOCKER,
        /** Something will be missing or worse than it could be. */
        WARNING
    }

    static Finding blocker(Check check, String what, String advice) {
        return new Finding(check.name(), Severity.BLOCKER, what, advice);
    }

    static Finding warning(Check check, String what, String advice) {
        return new Finding(check.name(), Severity.WARNING, what, advice);
    }
}
