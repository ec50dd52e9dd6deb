package io.pgconvoy.benchmark;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.stream.DoubleStream;

/** All laps of one contestant with one fleet. */
record ContestantResult(Contestant contestant, List<Measurement> measurements) {
    Optional<String> failure() {
        return measurements.stream().flatMap(lap -> lap.failure().stream()).findFirst();
    }

    /** Nothing where it failed: half a move is no time to compare. */
    OptionalDouble seconds() {
        return failure().isPresent() ? OptionalDouble.empty() : median(lap -> OptionalDouble.of(lap.seconds()));
    }

    DoubleStream allSeconds() {
        return measurements.stream().mapToDouble(Measurement::seconds);
    }

    OptionalDouble median(Function<Measurement, OptionalDouble> value) {
        double[] sorted = measurements.stream()
                .map(value)
                .filter(OptionalDouble::isPresent)
                .mapToDouble(OptionalDouble::getAsDouble)
                .sorted()
                .toArray();
        int half = sorted.length / 2;
        if (sorted.length == 0) {
            return OptionalDouble.empty();
        }
        return OptionalDouble.of(
                Usage.rounded(sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2));
    }
}
