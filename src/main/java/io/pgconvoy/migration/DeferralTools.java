package io.pgconvoy.migration;

import io.pgconvoy.postgres.ServerPools;
import io.pgconvoy.transfer.BuildPermits;
import io.pgconvoy.transfer.ForeignKeys;
import io.pgconvoy.transfer.IndexDrop;
import io.pgconvoy.transfer.PartDump;
import io.pgconvoy.transfer.TriggerDisabling;
import io.pgconvoy.verify.TableRowsReader;

/**
 * What the pipelines share for deferred tables; all of it is safe for use by many threads.
 *
 * @param sourceRows counts exactly, whatever the options say, and computes checksums where they are asked for
 * @param buildPermits for index builds, over all databases
 */
record DeferralTools(
        TableRowsReader sourceRows,
        ServerPools targetPools,
        PartDump partDump,
        TriggerDisabling triggerDisabling,
        IndexDrop indexDrop,
        BuildPermits buildPermits,
        ForeignKeys foreignKeys) {}
