package io.pgconvoy.config;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * How a run begins, and lives with others and with servers that go away.
 *
 * @param shareTarget whether other runs may move other databases to the same target meanwhile
 * @param reconnectTimeout how long a server that is gone is waited for
 * @param rehearse whether schemas are restored into scratch databases before; empty for where that costs little
 */
public record RunPolicy(boolean shareTarget, Duration reconnectTimeout, Optional<Boolean> rehearse) {
    /** What holds unless the user says otherwise. */
    public static final RunPolicy DEFAULT = new RunPolicy(false, Duration.ofMinutes(5), Optional.empty());

    public RunPolicy {
        Objects.requireNonNull(reconnectTimeout);
        Objects.requireNonNull(rehearse);
    }
}
