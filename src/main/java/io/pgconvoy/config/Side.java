package io.pgconvoy.config;

/** Which of the two servers something is about. */
public enum Side {
    SOURCE,
    TARGET;

    /** The word used for this side in messages, logs and markers. */
    public String label() {
        return switch (this) {
            case SOURCE -> "source";
            case TARGET -> "target";
        };
    }

    /** The prefix of this side's command line options: {@code from} or {@code to}. */
    public String optionPrefix() {
        return switch (this) {
            case SOURCE -> "from";
            case TARGET -> "to";
        };
    }
}
