package io.pgconvoy.benchmark;

import java.util.OptionalDouble;

/**
 * Processor seconds that were used until some moment, where they are known.
 *
 * @param client by the contestants that have ended
 * @param busy by whoever it was
 * @param idle by nobody
 */
record Usage(
        OptionalDouble client, OptionalDouble source, OptionalDouble target, OptionalDouble busy, OptionalDouble idle) {
    static Usage now(RaceServer source, RaceServer target) {
        var machine = Processes.machine();
        return new Usage(
                Processes.endedChildren(),
                of(source),
                of(target),
                machine.isEmpty()
                        ? OptionalDouble.empty()
                        : OptionalDouble.of(machine.get().busy()),
                machine.isEmpty()
                        ? OptionalDouble.empty()
                        : OptionalDouble.of(machine.get().idle()));
    }

    private static OptionalDouble of(RaceServer server) {
        return server.postmaster().isEmpty()
                ? OptionalDouble.empty()
                : Processes.ofTree(server.postmaster().getAsLong());
    }

    Usage minus(Usage earlier) {
        return new Usage(
                difference(client, earlier.client),
                difference(source, earlier.source),
                difference(target, earlier.target),
                difference(busy, earlier.busy),
                difference(idle, earlier.idle));
    }

    OptionalDouble idleShare() {
        return busy.isEmpty() || busy.getAsDouble() + idle.getAsDouble() == 0
                ? OptionalDouble.empty()
                : OptionalDouble.of(rounded(idle.getAsDouble() / (busy.getAsDouble() + idle.getAsDouble())));
    }

    private static OptionalDouble difference(OptionalDouble later, OptionalDouble earlier) {
        return later.isEmpty() || earlier.isEmpty()
                ? OptionalDouble.empty()
                : OptionalDouble.of(rounded(later.getAsDouble() - earlier.getAsDouble()));
    }

    /** To thousandths: what is beyond says nothing. */
    static double rounded(double value) {
        return Math.round(value * 1000) / 1000.0;
    }
}
