package io.pgconvoy.migration;

import io.pgconvoy.config.MigrationConfig;
import io.pgconvoy.config.Parallelism;
import io.pgconvoy.globals.DatabaseSetup;
import io.pgconvoy.journal.Journal;
import io.pgconvoy.postgres.Cancellation;
import io.pgconvoy.postgres.PgDump;
import io.pgconvoy.postgres.PgRestore;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.report.Events;
import io.pgconvoy.verify.TableRowsReader;

/** Everything that the pipelines of one run share; all of it is safe for use by many threads. */
record Workshop(
        MigrationConfig config,
        Parallelism parallelism,
        Server source,
        Server target,
        Journal journal,
        ArchiveStore archives,
        Bulkheads bulkheads,
        PgDump pgDump,
        PgRestore pgRestore,
        TableRowsReader sourceRows,
        TableRowsReader targetRows,
        TargetDatabases targetDatabases,
        DatabaseSetup setup,
        Analyzer analyzer,
        ProgressPoller poller,
        Events events,
        Cancellation cancellation) {}
