package io.pgconvoy.config;

import java.time.Duration;
import java.util.Objects;

/**
 * How a run lives with others and with servers that go away.
 *
 * @param shareTarget whether other runs may move other databases to the same target meanwhile
 * @param reconnectTimeout how long a server that is gone is waited for
 */
public record RunPolicy(boolean shareTarget, Duration reconnectTimeout) {
    /** What holds unless the user says otherwise. */
    public static final RunPolicy DEFAULT = new RunPolicy(false, Duration.ofMinutes(5));

    public RunPolicy {
        Objects.requireNonNull(reconnectTimeout);
    }
}
