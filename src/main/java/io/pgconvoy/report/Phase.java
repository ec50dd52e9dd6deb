package io.pgconvoy.report;

/** The steps of one database's way, in their order. */
public enum Phase {
    WAIT_SOURCE("waiting for the source"),
    DUMP("dump"),
    COUNT_SOURCE("count source"),
    WAIT_TARGET("waiting for the target"),
    RESTORE("restore"),
    VERIFY("verify"),
    SETTINGS("settings"),
    ANALYZE("analyze");

    private final String label;

    Phase(String label) {
        this.label = label;
    }

    /** The words shown to the user. */
    public String label() {
        return label;
    }
}
