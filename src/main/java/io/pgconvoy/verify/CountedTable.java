package io.pgconvoy.verify;

import java.util.Optional;

/**
 * A table whose rows are to be counted.
 *
 * @param bytes about how big it is; decides which tables share a query
 * @param partitioned whether it is counted with its partitions
 * @param condition {@code WHERE ...}, for an extension's configuration table of which only some rows are carried over
 */
public record CountedTable(String schema, String name, long bytes, boolean partitioned, Optional<String> condition) {}
