package io.pgconvoy.preflight.server;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.config.ByteSize;
import io.pgconvoy.config.Compression;
import io.pgconvoy.model.Finding;
import io.pgconvoy.plan.StreamChoice;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.ServerCheck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/**
 * Whether the disk of {@code --dump-root} has room for the dumps. How large they become nobody knows before: a database is
 * taken for {@link #COMPRESSED} of its size on disk, which counts indexes, too, and for all of it without compression. At
 * once there are the dumps of the databases in flight, at most one for each dump and two for each restore; these are taken
 * for the largest ones, and with {@code --keep-dumps} they are all.
 */
public final class DumpSpaceCheck extends ServerCheck {
    /** Tables of numbers and short texts come to a tenth and less, and with many large values to a third. */
    private static final double COMPRESSED = 0.2;

    /** Below this part of the estimate it is certain. */
    private static final double CERTAIN = 0.05;

    /** What every database has from the beginning, and no dump holds. */
    private static final long EMPTY_DATABASE = ByteSize.ofMegabytes(10).bytes();

    private final Disk disk;

    public DumpSpaceCheck() {
        this(folder -> Files.getFileStore(folder).getUsableSpace());
    }

    /** With another way to learn what is free. */
    public DumpSpaceCheck(Disk disk) {
        super("dump-space", "warning, blocker", "a disk of `--dump-root` that may be too small");
        this.disk = disk;
    }

    /** What a folder's disk has free, in bytes. */
    @FunctionalInterface
    public interface Disk {
        long free(Path folder) throws IOException;
    }

    @Override
    public List<Finding> run(CheckContext context) {
        Path root = context.config().dumpRoot();
        long free;
        try {
            free = disk.free(existing(root));
        } catch (IOException unknown) {
            return List.of();
        }
        long needed = needed(context);
        if (free >= needed) {
            return List.of();
        }
        String what = "the dumps in " + root + " may come to " + new ByteSize(needed) + ", and there are "
                + new ByteSize(free) + " free";
        String advice =
                "Give a --dump-root with more room" + (context.config().keepDumps() ? ", or no --keep-dumps" : "")
                        + ", or fewer databases at once (--max-parallel).";
        return List.of(certain(free < needed * CERTAIN, what, advice));
    }

    private static long needed(CheckContext context) {
        int inFlight = ConnectionCheck.parallelism(context)
                .map(fitted -> fitted.dumpParallel() + 2 * fitted.restoreParallel())
                .orElse(1);
        boolean compressed = context.config()
                .compression()
                .map(Compression::method)
                .filter(method -> method == Compression.Method.NONE)
                .isEmpty();
        return context.databases().stream()
                .filter(database -> !StreamChoice.isStreamed(context.config(), database))
                .map(DatabaseProperties::size)
                .sorted(Comparator.reverseOrder())
                .limit(context.config().keepDumps() ? Long.MAX_VALUE : inFlight)
                .mapToLong(size -> Math.max(0, size.bytes() - EMPTY_DATABASE))
                .map(bytes -> compressed ? Math.round(bytes * COMPRESSED) : bytes)
                .sum();
    }

    private static Path existing(Path folder) {
        Path there = folder;
        while (!Files.exists(there) && there.getParent() != null) {
            there = there.getParent();
        }
        return there;
    }
}
