package io.pgconvoy.transfer;

import io.pgconvoy.journal.DeferralMarkers.DeferredIndex;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.transfer.RestorePlan.IndexEntry;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The indexes to build, largest first; if wished, never two of one table at once: concurrent builds on one table would
 * end in a deadlock. Safe for use by many threads.
 */
final class BuildQueue {
    private final List<IndexEntry> waiting;
    private final boolean onePerTable;
    private final Set<Long> busyTables = new HashSet<>();

    BuildQueue(List<IndexEntry> indexes, boolean onePerTable) {
        this.waiting = new ArrayList<>(indexes);
        this.waiting.sort(
                Comparator.<IndexEntry>comparingLong(one -> one.index().bytes()).reversed());
        this.onePerTable = onePerTable;
    }

    /** The next index, waiting where all remaining ones are of tables that are busy; empty at the end. */
    synchronized Optional<IndexEntry> take() {
        while (!waiting.isEmpty()) {
            for (Iterator<IndexEntry> iterator = waiting.iterator(); iterator.hasNext(); ) {
                IndexEntry next = iterator.next();
                if (!onePerTable || busyTables.add(next.index().tableOid())) {
                    iterator.remove();
                    return Optional.of(next);
                }
            }
            try {
                wait();
            } catch (InterruptedException wish) {
                Thread.currentThread().interrupt();
                throw Cancellation.interrupted();
            }
        }
        return Optional.empty();
    }

    /** Says that an index that was taken is finished, well or not. */
    synchronized void finished(DeferredIndex index) {
        busyTables.remove(index.tableOid());
        notifyAll();
    }
}
