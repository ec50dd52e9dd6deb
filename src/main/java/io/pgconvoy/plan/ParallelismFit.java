package io.pgconvoy.plan;

import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.Parallelism;
import io.pgconvoy.config.ParallelismRequest;
import io.pgconvoy.config.PgconvoyException;
import java.util.Optional;
import java.util.OptionalInt;

/** Fits how much goes on at once into both servers' connections and this machine's processors. */
public final class ParallelismFit {
    private static final int MOST_DUMP_JOBS = 24;
    private static final int MOST_RESTORE_JOBS = 12;
    private static final int MOST_PARALLEL = 6;
    private static final int MOST_COUNTS = 16;

    private ParallelismFit() {}

    /**
     * Takes what the user said as it is and fits the rest: first fewer counting queries, then fewer jobs, then fewer
     * databases at once.
     *
     * @param processors of this machine, which compresses and decompresses
     * @throws PgconvoyException of kind PREFLIGHT when it cannot be fitted, with the numbers
     */
    public static Parallelism fit(
            ParallelismRequest request, ConnectionBudget source, ConnectionBudget target, int processors) {
        OptionalInt parallel = request.maxParallel();
        int mostParallel = Math.min(MOST_PARALLEL, Math.max(2, processors));
        Knob counts = new Knob(request.verifyConcurrency(), MOST_COUNTS);
        Knob dumpJobs = new Knob(request.dumpJobs(), Math.min(MOST_DUMP_JOBS, processors));
        Knob restoreJobs = new Knob(request.restoreJobs(), Math.min(MOST_RESTORE_JOBS, processors));
        Knob dumps = new Knob(request.dumpParallel().isPresent() ? request.dumpParallel() : parallel, mostParallel);
        Knob restores =
                new Knob(request.restoreParallel().isPresent() ? request.restoreParallel() : parallel, mostParallel);
        while (true) {
            Parallelism now =
                    new Parallelism(dumpJobs.value, restoreJobs.value, dumps.value, restores.value, counts.value);
            boolean sourceFits = now.sourceConnections() <= source.available()
                    && now.sourceConnectionsToOne() <= source.availableInDatabase();
            boolean targetFits = now.targetConnections() <= target.available();
            if (sourceFits && targetFits) {
                return now;
            }
            boolean smaller = counts.lower(4)
                    || (!sourceFits && (dumpJobs.lower(2) || dumps.lower(1) || dumpJobs.lower(1)))
                    || (!targetFits && (restoreJobs.lower(2) || restores.lower(1) || restoreJobs.lower(1)))
                    || counts.lower(1);
            if (!smaller) {
                throw tooMany(now, source, target);
            }
        }
    }

    private static PgconvoyException tooMany(Parallelism now, ConnectionBudget source, ConnectionBudget target) {
        Optional<String> atSource = lacking("source", now.sourceConnections(), source)
                .or(() -> now.sourceConnectionsToOne() > source.availableInDatabase()
                        ? Optional.of("the source has " + source + " for up to " + now.sourceConnectionsToOne()
                                + " to one database")
                        : Optional.empty());
        Optional<String> atTarget = lacking("target", now.targetConnections(), target);
        return new PgconvoyException(
                ErrorKind.PREFLIGHT,
                now + " needs more connections than there are: "
                        + atSource.map(text -> text
                                        + atTarget.map(other -> "; " + other).orElse(""))
                                .or(() -> atTarget)
                                .orElseThrow(),
                "Lower the parallelism, free connections, or raise max_connections, or the CONNECTION LIMIT of the role or"
                        + " database.");
    }

    private static Optional<String> lacking(String side, int needed, ConnectionBudget budget) {
        return needed > budget.available()
                ? Optional.of("the " + side + " has " + budget + " for up to " + needed)
                : Optional.empty();
    }

    /** A number that may go down unless the user gave it. */
    private static final class Knob {
        private final boolean given;
        private int value;

        Knob(OptionalInt given, int mostByDefault) {
            this.given = given.isPresent();
            this.value = given.orElse(mostByDefault);
        }

        boolean lower(int least) {
            if (given || value <= least) {
                return false;
            }
            value--;
            return true;
        }
    }
}
