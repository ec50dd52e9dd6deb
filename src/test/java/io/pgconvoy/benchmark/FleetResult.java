package io.pgconvoy.benchmark;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Function;

/**
 * What a race with one fleet came to, as a table and as JSON.
 *
 * @param bytes of its databases on the source
 * @param rows in all of its tables
 */
record FleetResult(
        Fleet fleet, Fleet.Size size, int databases, long bytes, long rows, List<ContestantResult> contestants) {
    private static final double MEGABYTE = 1024 * 1024;

    static FleetResult of(
            Fleet fleet, Fleet.Size size, int databases, long bytes, long rows, List<Contestant> contestants) {
        return new FleetResult(
                fleet,
                size,
                databases,
                bytes,
                rows,
                contestants.stream()
                        .map(contestant -> new ContestantResult(contestant, new ArrayList<>()))
                        .toList());
    }

    ContestantResult of(Contestant contestant) {
        return contestants.stream()
                .filter(result -> result.contestant().equals(contestant))
                .findFirst()
                .orElseThrow();
    }

    boolean hasFailures() {
        return contestants.stream().anyMatch(result -> result.failure().isPresent());
    }

    /** The time of the fastest peer; of the fastest at all, where pgconvoy has none. */
    private OptionalDouble fastest() {
        OptionalDouble peer = contestants.stream()
                .filter(result -> !result.contestant().isPgconvoy())
                .flatMapToDouble(result -> result.seconds().stream())
                .min();
        return peer.isPresent()
                ? peer
                : contestants.stream()
                        .flatMapToDouble(result -> result.seconds().stream())
                        .min();
    }

    private OptionalDouble ratio(ContestantResult result) {
        OptionalDouble fastest = fastest();
        OptionalDouble seconds = result.seconds();
        return seconds.isEmpty() || fastest.isEmpty()
                ? OptionalDouble.empty()
                : OptionalDouble.of(Usage.rounded(seconds.getAsDouble() / fastest.getAsDouble()));
    }

    /** Times in seconds, memory in MB; medians all of them. */
    String table() {
        StringBuilder table = new StringBuilder(String.format(
                Locale.ROOT,
                "%s: %d %s, %.0f MB, %d rows%n",
                fleet.label(),
                databases,
                databases == 1 ? "database" : "databases",
                bytes / MEGABYTE,
                rows));
        int width = contestants.stream()
                .mapToInt(result -> result.contestant().label().length())
                .max()
                .orElse(0);
        width = Math.max(width, "contestant".length());
        boolean opens = contestants.stream().anyMatch(result -> open(result).isPresent());
        table.append(line(
                width,
                opens,
                "contestant",
                "median",
                "min",
                "max",
                "ratio",
                "open",
                "client",
                "source",
                "target",
                "idle",
                "memory",
                "java",
                "rows"));
        for (ContestantResult result : contestants) {
            boolean failed = result.failure().isPresent();
            table.append(line(
                    width,
                    opens,
                    result.contestant().label(),
                    text("%.2f", result.seconds()),
                    text(
                            "%.2f",
                            failed
                                    ? OptionalDouble.empty()
                                    : result.allSeconds().min()),
                    text(
                            "%.2f",
                            failed
                                    ? OptionalDouble.empty()
                                    : result.allSeconds().max()),
                    text("%.2f", ratio(result)),
                    text("%.2f", open(result)),
                    text("%.1f", result.median(Measurement::clientCpu)),
                    text("%.1f", result.median(Measurement::sourceCpu)),
                    text("%.1f", result.median(Measurement::targetCpu)),
                    text("%.0f %%", scaled(result.median(Measurement::idleShare), 100)),
                    text("%.0f", scaled(result.median(lap -> number(lap.clientBytes())), 1 / MEGABYTE)),
                    text("%.0f", scaled(result.median(lap -> number(lap.javaBytes())), 1 / MEGABYTE)),
                    failed ? "failed" : "all"));
        }
        for (ContestantResult result : contestants) {
            result.failure()
                    .ifPresent(failure -> table.append(result.contestant().label())
                            .append(" failed: ")
                            .append(failure)
                            .append(System.lineSeparator()));
        }
        return table.toString();
    }

    private static OptionalDouble open(ContestantResult result) {
        return result.median(Measurement::openSeconds);
    }

    private static String line(int width, boolean opens, String contestant, String... cells) {
        StringBuilder line = new StringBuilder(String.format("%-" + width + "s", contestant));
        for (int column = 0; column < cells.length; column++) {
            if (column != 4 || opens) {
                line.append(String.format("%8s", cells[column]));
            }
        }
        return line.append(System.lineSeparator()).toString();
    }

    private static OptionalDouble number(OptionalLong value) {
        return value.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of((double) value.getAsLong());
    }

    private static OptionalDouble scaled(OptionalDouble value, double factor) {
        return value.isEmpty() ? value : OptionalDouble.of(value.getAsDouble() * factor);
    }

    private static String text(String format, OptionalDouble value) {
        return value.isEmpty() ? "-" : String.format(Locale.ROOT, format, value.getAsDouble());
    }

    /** All laps, and their medians. */
    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("fleet", fleet.label());
        json.put("scale", size.scale());
        json.put("databases", databases);
        json.put("bytes", bytes);
        json.put("rows", rows);
        json.put("contestants", contestants.stream().map(this::json).toList());
        return json;
    }

    private Map<String, Object> json(ContestantResult result) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("contestant", result.contestant().label());
        json.put("median_seconds", result.seconds());
        json.put("ratio", ratio(result));
        medians().forEach((name, value) -> json.put(name, result.median(value)));
        json.put("median_client_bytes", bytes(result, Measurement::clientBytes));
        json.put("median_java_bytes", bytes(result, Measurement::javaBytes));
        json.put("failure", result.failure());
        json.put("runs", result.measurements());
        return json;
    }

    private static OptionalLong bytes(ContestantResult result, Function<Measurement, OptionalLong> value) {
        OptionalDouble median = result.median(lap -> number(value.apply(lap)));
        return median.isEmpty() ? OptionalLong.empty() : OptionalLong.of((long) median.getAsDouble());
    }

    private static Map<String, Function<Measurement, OptionalDouble>> medians() {
        Map<String, Function<Measurement, OptionalDouble>> medians = new LinkedHashMap<>();
        medians.put("median_open_seconds", Measurement::openSeconds);
        medians.put("median_client_cpu", Measurement::clientCpu);
        medians.put("median_source_cpu", Measurement::sourceCpu);
        medians.put("median_target_cpu", Measurement::targetCpu);
        medians.put("median_machine_cpu", Measurement::machineCpu);
        medians.put("median_idle_share", Measurement::idleShare);
        return medians;
    }
}
