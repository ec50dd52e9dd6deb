package io.pgconvoy.model;

/** How bad it is, the worst first. */
public enum Severity {
    /** The migration does not begin. */
    BLOCKER,
    /** Something will be missing or worse than it could be. */
    WARNING,
    /** Good to know; nothing is lost by it. */
    NOTE
}
