package io.pgconvoy.model;

/** The steps of one database's way, in their order. */
public enum Phase {
    WAIT_SOURCE("waiting for the source"),
    DUMP("dump"),
    COUNT_SOURCE("count source"),
    WAIT_TARGET("waiting for the target"),
    RESTORE("restore"),
    /** Within the restore: rows that go straight from the source to the target. */
    STREAM("stream"),
    VERIFY("verify"),
    SETTINGS("settings"),
    ANALYZE("analyze"),
    DUMP_PARTS("dump deferred tables"),
    WAIT_REGULAR("waiting for the other databases"),
    LOAD_PARTS("load deferred tables"),
    BUILD_INDEXES("build indexes"),
    VALIDATE_FOREIGN_KEYS("validate foreign keys"),
    ANALYZE_DEFERRED("analyze deferred tables"),
    REFRESH_MATVIEWS("refresh materialized views"),
    VERIFY_DEFERRED("verify deferred tables"),
    COMPARE("compare");

    private final String label;

    Phase(String label) {
        this.label = label;
    }

    /** Whether it waits for its turn instead of working. */
    public boolean isWaiting() {
        return this == WAIT_SOURCE || this == WAIT_TARGET || this == WAIT_REGULAR;
    }

    /** The words shown to the user. */
    public String label() {
        return label;
    }
}
