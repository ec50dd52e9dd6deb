package io.pgconvoy.journal;

import io.pgconvoy.model.Span;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What the markers of a database's deferred tables hold. OIDs are the source's. */
public final class DeferralMarkers {
    private DeferralMarkers() {}

    /**
     * A table whose data is dumped in parts and loaded when everything else is up: an ordinary table or a leaf partition.
     *
     * @param bytes its size on the source's disk, without its indexes
     * @param columns those that COPY carries over: all but generated ones; empty for a table without any
     * @param binary whether COPY's binary format is used, which only some types allow
     */
    public record DeferredTable(
            long oid, String schema, String name, long bytes, List<String> columns, boolean binary) {
        public DeferredTable {
            columns = List.copyOf(columns);
        }

        /** For people. */
        public String label() {
            return schema + "." + name;
        }
    }

    /**
     * An index of a deferred table behind which no constraint stands; it is built when the data is in.
     *
     * @param bytes its size on the source's disk
     * @param definition as {@code pg_get_indexdef} writes it
     * @param tablespace empty for the database's own
     * @param properties statements that give a newly built index what its definition does not tell (clustering, replica
     *     identity, statistics targets), where its archive entry is not used
     */
    public record DeferredIndex(
            long oid,
            long tableOid,
            String schema,
            String name,
            long bytes,
            String definition,
            Optional<String> tablespace,
            List<String> properties) {
        public DeferredIndex {
            properties = List.copyOf(properties);
        }
    }

    /**
     * A foreign key from or to a deferred table.
     *
     * @param schema of the table that has the key
     * @param table that has the key
     * @param partitioned whether that table is partitioned; before version 18 its keys cannot be added NOT VALID
     * @param definition as {@code pg_get_constraintdef} writes it
     * @param validated whether it is valid on the source
     */
    public record DeferredForeignKey(
            long oid,
            String schema,
            String table,
            String name,
            boolean partitioned,
            String definition,
            boolean validated) {}

    /**
     * A CHECK or NOT NULL constraint that is NOT VALID on the source: rows loaded later may violate it, so it is added
     * after them.
     *
     * @param schema of what has the constraint
     * @param owner the table that has it, or the domain
     * @param domain whether it is a domain's
     */
    public record DeferredConstraint(long oid, String schema, String owner, String name, boolean domain) {}

    /**
     * A trigger that would fire even while the data is loaded.
     *
     * @param enabled pg_trigger.tgenabled: A (always) or R (replica)
     */
    public record DeferredTrigger(long tableOid, String name, String enabled) {}

    /**
     * What is deferred, as the dump's snapshot saw it; written before the archive is complete.
     *
     * @param encoding the source database's encoding, in which the parts are written
     * @param constraints those that are NOT VALID, which rows loaded later may violate
     * @param materializedViews OIDs of those that show deferred tables, directly or by way of other views
     */
    public record Deferred(
            String database,
            String encoding,
            List<DeferredTable> tables,
            List<DeferredIndex> indexes,
            List<DeferredForeignKey> foreignKeys,
            List<DeferredConstraint> constraints,
            List<Long> materializedViews,
            List<DeferredTrigger> triggers) {
        public Deferred {
            tables = List.copyOf(tables);
            indexes = List.copyOf(indexes);
            foreignKeys = List.copyOf(foreignKeys);
            constraints = List.copyOf(constraints);
            materializedViews = List.copyOf(materializedViews);
            triggers = List.copyOf(triggers);
        }

        /** Nothing but foreign keys. */
        public static Deferred ofKeys(String database, List<DeferredForeignKey> keys) {
            return new Deferred(database, "", List.of(), List.of(), keys, List.of(), List.of(), List.of());
        }
    }

    /**
     * One part of a deferred table's data in a file.
     *
     * @param number from 1 within its table
     * @param file its name in the folder of the database's parts
     * @param range which rows, as an SQL condition; empty for all of the table's
     * @param rows how many
     * @param bytes of COPY's output, before compression
     * @param crc32c the checksum (CRC-32C) of those bytes
     */
    public record DumpedPart(
            long tableOid, int number, String file, Optional<String> range, long rows, long bytes, long crc32c) {}

    /**
     * How many rows a deferred table has in the dump's snapshot, by {@code count(*)}, and which.
     *
     * @param checksum of the rows' contents, where one was asked for
     */
    public record DeferredRows(long tableOid, long rows, Optional<String> checksum) {}

    /** All parts are on disk, and their rows are as many as were counted. */
    public record PartsDumped(String database, Span span, List<DumpedPart> parts, List<DeferredRows> rows) {
        public PartsDumped {
            parts = List.copyOf(parts);
            rows = List.copyOf(rows);
        }
    }

    /**
     * The regular phase is complete and verified: the database is open for clients.
     *
     * @param transactions which of the target's transactions had ended by then ({@code txid_current_snapshot}): all others
     *     are those of clients or of the deferred load
     */
    public record Opened(String database, Instant at, String transactions) {}

    /**
     * An index that was on the target before the load, and has to be there again after it.
     *
     * @param definition as {@code pg_get_indexdef} writes it, which does not tell the tablespace
     * @param tablespace empty for the database's own
     */
    public record DroppedIndex(String schema, String name, String definition, Optional<String> tablespace) {}

    /** No index is in the load's way but those of constraints; the list was written before the first was dropped. */
    public record IndexesDropped(String database, List<DroppedIndex> indexes) {
        public IndexesDropped {
            indexes = List.copyOf(indexes);
        }
    }

    /** All parts are loaded. */
    public record PartsLoaded(String database, Span span, long rows) {}
}
