package io.pgconvoy.plan;

import io.pgconvoy.config.ByteSize;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a table into parts of about the same size. A cut is where one part ends and the next one begins; the first part
 * has no lower bound and the last one no upper bound, so that all parts together are the whole table, whatever it held
 * when the cuts were chosen.
 */
public final class TableParts {
    /** Parts that are smaller gain nothing by going in parallel. */
    private static final ByteSize LEAST_FOR_WORKERS = ByteSize.ofMegabytes(64);

    private TableParts() {}

    /**
     * Into how many parts a table should be cut.
     *
     * @param bytes of the table with its long values (TOAST)
     * @return at least 1
     */
    public static int count(ByteSize bytes, ByteSize partSize) {
        long size = Math.max(1, partSize.bytes());
        long parts = bytes.bytes() / size + (bytes.bytes() % size == 0 ? 0 : 1);
        return (int) Math.max(1, Math.min(parts, Integer.MAX_VALUE));
    }

    /**
     * How large parts should be: no larger than wished, and not so large that a worker has nothing to do.
     *
     * @param total of all tables to cut
     * @param workers that dump or load parts at once
     */
    public static ByteSize size(ByteSize most, ByteSize total, int workers) {
        long share = Math.max(LEAST_FOR_WORKERS.bytes(), total.bytes() / Math.max(1, workers) + 1);
        return new ByteSize(Math.min(most.bytes(), share));
    }

    /**
     * Cuts by pages.
     *
     * @param pages of the table's heap
     * @return the first page of every part but the first, ascending; fewer cuts where there are not so many pages
     */
    public static List<Long> pageCuts(long pages, int parts) {
        List<Long> cuts = new ArrayList<>();
        for (int part = 1; part < parts; part++) {
            addRising(cuts, 0, pages / parts * part + pages % parts * part / parts);
        }
        return cuts;
    }

    /**
     * Cuts by a key.
     *
     * @param histogram bounds between which equally many of the key's values lie, ascending, the lowest and the highest
     *     value included
     * @return the lowest key of every part but the first, ascending; fewer cuts where the histogram is too coarse
     */
    public static List<Long> keyCuts(List<Long> histogram, int parts) {
        List<Long> cuts = new ArrayList<>();
        int intervals = histogram.size() - 1;
        for (int part = 1; part < parts && intervals > 0; part++) {
            addRising(cuts, histogram.get(0), histogram.get((int) ((long) intervals * part / parts)));
        }
        return cuts;
    }

    private static void addRising(List<Long> cuts, long lowest, long cut) {
        if (cut > (cuts.isEmpty() ? lowest : cuts.get(cuts.size() - 1))) {
            cuts.add(cut);
        }
    }
}
