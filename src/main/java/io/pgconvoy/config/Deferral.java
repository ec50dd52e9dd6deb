package io.pgconvoy.config;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Which tables' data is moved last, when everything else is open for clients, and how.
 *
 * @param patterns tables that match one of these are deferred
 * @param largerThan tables that are larger, without their indexes, are deferred, too
 * @param partSize about how much of a table one part of its data is; at least 1 MB
 * @param concurrentIndexBuilds whether the deferred tables' indexes are built by CREATE INDEX CONCURRENTLY
 */
public record Deferral(
        List<TablePattern> patterns, Optional<ByteSize> largerThan, ByteSize partSize, boolean concurrentIndexBuilds) {
    private static final ByteSize LEAST_PART_SIZE = ByteSize.ofMegabytes(1);

    public static final ByteSize DEFAULT_PART_SIZE = ByteSize.ofMegabytes(1024);

    /** Nothing is deferred. */
    public static final Deferral NONE = new Deferral(List.of(), Optional.empty(), DEFAULT_PART_SIZE, false);

    public Deferral {
        patterns = List.copyOf(patterns);
        Objects.requireNonNull(largerThan);
        if (partSize.compareTo(LEAST_PART_SIZE) < 0) {
            throw PgconvoyException.usage(
                    "--part-size: " + partSize + " is less than " + LEAST_PART_SIZE,
                    "Give at least 1MB; the default is 1GB.");
        }
    }

    /** Whether anything may be deferred. */
    public boolean isAsked() {
        return !patterns.isEmpty() || largerThan.isPresent();
    }

    /** Whether tables of this database may be deferred. */
    public boolean isAskedOf(DatabaseName database) {
        return largerThan.isPresent()
                || patterns.stream().anyMatch(pattern -> pattern.database().equals(database));
    }
}
