package io.pgconvoy.migration;

import io.pgconvoy.postgres.ServerPools;
import io.pgconvoy.transfer.ForeignKeys;
import io.pgconvoy.transfer.IndexBuild;
import io.pgconvoy.transfer.IndexDrop;
import io.pgconvoy.transfer.PartDump;
import io.pgconvoy.transfer.TriggerMute;
import io.pgconvoy.verify.TableRowsReader;

/**
 * What the pipelines share for deferred tables; all of it is safe for use by many threads.
 *
 * @param sourceRows counts exactly, whatever the options say
 */
record DeferralTools(
        TableRowsReader sourceRows,
        ServerPools targetPools,
        PartDump partDump,
        TriggerMute triggerMute,
        IndexDrop indexDrop,
        IndexBuild indexBuild,
        ForeignKeys foreignKeys) {}
