package io.pgconvoy.journal;

import io.pgconvoy.config.VerifyLevel;
import io.pgconvoy.model.Span;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What the markers of one database hold. */
public final class Markers {
    private Markers() {}

    /**
     * How many rows a table had, and which.
     *
     * @param condition the part of an extension's configuration table that is dumped, as an SQL condition
     * @param rows counted in the dump's snapshot, or estimated (then possibly unknown)
     * @param checksum of the rows' contents in any order, with the version of how it is made; empty where none was asked
     *     for
     */
    public record TableRows(
            String schema, String table, Optional<String> condition, Optional<Long> rows, Optional<String> checksum) {
        public TableRows(String schema, String table, Optional<String> condition, Optional<Long> rows) {
            this(schema, table, condition, rows, Optional.empty());
        }
    }

    /**
     * The large objects of a database.
     *
     * @param checksum of their OIDs and contents, with the version of how it is made
     */
    public record LargeObjects(long number, String checksum) {}

    /**
     * A file of an archive as it was written.
     *
     * @param file its path in the archive's folder
     * @param crc32c the checksum (CRC-32C) of its bytes
     */
    public record FileSum(String file, long bytes, long crc32c) {}

    /**
     * The archive is complete, and the source's rows are counted in its snapshot.
     *
     * @param archive the archive's folder
     * @param databaseOid the database's OID on the source
     * @param bytes the archive's size on disk
     * @param verify how closely it is compared: whether the rows are counted, estimated or neither
     * @param publicSchema whether the source has a schema named public, which every new database is given
     * @param tables without those whose data is deferred, and without materialized views that show such tables
     * @param largeObjects the large objects' checksum, where one was asked for
     * @param transactions which transactions the snapshot sees, where tables are deferred: {@code txid_current_snapshot}
     * @param files every file of the archive; empty where an earlier version made it
     * @param streamed how many tables' rows are not in the archive, since they go straight to the target; then it is of no
     *     use once its snapshot is gone; empty for none
     */
    public record Dumped(
            String database,
            long databaseOid,
            String archive,
            long bytes,
            Span dump,
            Span count,
            VerifyLevel verify,
            boolean publicSchema,
            List<TableRows> tables,
            Optional<LargeObjects> largeObjects,
            Optional<String> transactions,
            Optional<List<FileSum>> files,
            Optional<Integer> streamed) {
        public Dumped {
            tables = List.copyOf(tables);
            files = files.map(List::copyOf);
        }

        /** The same with the rows of tables that were streamed. */
        public Dumped plus(List<TableRows> more) {
            return new Dumped(
                    database,
                    databaseOid,
                    archive,
                    bytes,
                    dump,
                    count,
                    verify,
                    publicSchema,
                    Stream.concat(tables.stream(), more.stream()).toList(),
                    largeObjects,
                    transactions,
                    files,
                    streamed);
        }

        /** Of an archive whose files are not known. */
        public Dumped(
                String database,
                long databaseOid,
                String archive,
                long bytes,
                Span dump,
                Span count,
                VerifyLevel verify,
                boolean publicSchema,
                List<TableRows> tables,
                Optional<LargeObjects> largeObjects,
                Optional<String> transactions) {
            this(
                    database,
                    databaseOid,
                    archive,
                    bytes,
                    dump,
                    count,
                    verify,
                    publicSchema,
                    tables,
                    largeObjects,
                    transactions,
                    Optional.empty(),
                    Optional.empty());
        }

        /** Whether the number of rows of each table is exact. */
        public boolean isCounted() {
            return verify.counts();
        }
    }

    /**
     * The restore failed over what the dump holds, so that it would fail again: the next run makes another dump.
     *
     * @param reason what failed, for people
     * @param allowable whether --allow-restore-errors would let it pass
     */
    public record DumpAgain(String database, Instant at, String reason, boolean allowable) {}

    /**
     * The database on the target that this migration may drop.
     *
     * @param oid its OID on the target; names can be taken over by others, OIDs cannot
     * @param adopted true for one that was there before and held nothing of a user's (postgres): never dropped, its
     *     objects are dropped one by one
     */
    public record Created(String database, long oid, boolean adopted, Instant at) {}

    /**
     * pg_restore is through.
     *
     * @param harmless errors that lose nothing, with the reason
     * @param allowed errors that the user allowed, and what the target's user may not set
     */
    public record Restored(String database, Span restore, long tables, List<String> harmless, List<String> allowed) {
        public Restored {
            harmless = List.copyOf(harmless);
            allowed = List.copyOf(allowed);
        }

        /** How the line of an error begins that the user allowed. */
        public static final String ALLOWED_ERROR = "allowed restore error: ";

        /** Whether something is missing with the user's consent. */
        public boolean hasAllowedErrors() {
            return allowed.stream().anyMatch(line -> line.startsWith(ALLOWED_ERROR));
        }
    }

    /** A step without a result but what to tell the user. */
    public record Done(String database, Span span, List<String> warnings) {
        public Done {
            warnings = List.copyOf(warnings);
        }
    }

    /** The target has what the source had. */
    public record Verified(String database, Span verify, long tables, Optional<Long> rows, List<String> warnings) {
        public Verified {
            warnings = List.copyOf(warnings);
        }

        /** This together with what was verified later. */
        public Verified plus(Verified later) {
            return new Verified(
                    database,
                    verify,
                    tables + later.tables,
                    rows.flatMap(some -> later.rows.map(more -> some + more)),
                    Stream.concat(warnings.stream(), later.warnings.stream()).toList());
        }
    }

    /** A table or sequence that a crash of the server empties. */
    public record UnloggedRelation(String schema, String name, boolean sequence) {}

    /**
     * Which unlogged tables hold something.
     *
     * @param life of the target server in which they were filled: another one has emptied them
     */
    public record Unlogged(String database, String life, List<UnloggedRelation> filled) {
        public Unlogged {
            filled = List.copyOf(filled);
        }
    }

    /**
     * The database is finished.
     *
     * @param transactions which of the target's transactions had ended by then, where that may be asked for later
     */
    public record Completed(
            String database, long sizeBytes, Span span, List<String> warnings, Optional<String> transactions) {
        public Completed {
            warnings = List.copyOf(warnings);
        }

        public Completed(String database, long sizeBytes, Span span, List<String> warnings) {
            this(database, sizeBytes, span, warnings, Optional.empty());
        }
    }
}
