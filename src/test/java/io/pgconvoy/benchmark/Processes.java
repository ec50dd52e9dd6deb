package io.pgconvoy.benchmark;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** What Linux says under /proc about processors and processes; nothing where there is no such folder. */
final class Processes {
    private static final Path PROC = Path.of("/proc");

    /** Of proc(5), in what all of Linux counts times for programs. */
    private static final double TICKS_PER_SECOND = 100;

    /** @param busy seconds of all processors so far, at work
     * @param idle without any, or waiting for a disk */
    record Machine(double busy, double idle) {}

    private Processes() {}

    static Optional<Machine> machine() {
        return read(PROC.resolve("stat")).map(text -> {
            // user nice system idle iowait irq softirq
            String[] ticks = text.lines().findFirst().orElseThrow().split(" +");
            return new Machine(sum(ticks, 1, 2, 3, 6, 7), sum(ticks, 4, 5));
        });
    }

    /** Processor seconds of all children of this JVM that have ended, with their own that they waited for. */
    static OptionalDouble endedChildren() {
        Optional<String[]> fields = stat("self");
        return fields.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(sum(fields.get(), 13, 14));
    }

    /** Processor seconds of a process, of its descendants, and of those that it waited for. */
    static OptionalDouble ofTree(long pid) {
        if (stat(Long.toString(pid)).isEmpty()) {
            return OptionalDouble.empty();
        }
        return OptionalDouble.of(tree(pid)
                .flatMap(process -> stat(Long.toString(process.pid())).stream())
                .mapToDouble(fields -> sum(fields, 11, 12, 13, 14))
                .sum());
    }

    /** The bytes in memory of a process and its descendants; what several share counts for each. */
    static long bytesOfTree(long pid) {
        return tree(pid).mapToLong(process -> bytes(process.pid(), "VmRSS")).sum();
    }

    /** The most that a process ever had in memory, if it is a Java. */
    static long mostBytesOfJava(long pid) {
        boolean java = read(PROC.resolve(pid + "/comm"))
                .map(String::strip)
                .filter("java"::equals)
                .isPresent();
        return java ? bytes(pid, "VmHWM") : 0;
    }

    /** The parent of a server's process, if that is one of this machine's: one of a connection from this port. */
    static OptionalLong postmaster(long backend, long clientPort) {
        boolean here = read(PROC.resolve(backend + "/cmdline"))
                .filter(title -> title.startsWith("postgres:") && title.contains("(" + clientPort + ")"))
                .isPresent();
        return here
                ? stat(Long.toString(backend)).stream()
                        .mapToLong(fields -> Long.parseLong(fields[1]))
                        .findFirst()
                : OptionalLong.empty();
    }

    static Stream<ProcessHandle> tree(long pid) {
        return ProcessHandle.of(pid).stream()
                .flatMap(process -> Stream.concat(Stream.of(process), process.descendants()));
    }

    private static long bytes(long pid, String line) {
        return read(PROC.resolve(pid + "/status")).stream()
                .flatMap(String::lines)
                .filter(text -> text.startsWith(line + ":"))
                .mapToLong(text -> Long.parseLong(text.replaceAll("\\D", "")) * 1024)
                .findFirst()
                .orElse(0);
    }

    /** The fields behind the program's name, which may hold anything: state, parent, and so on. */
    private static Optional<String[]> stat(String pid) {
        return read(PROC.resolve(pid + "/stat"))
                .map(text -> text.substring(text.lastIndexOf(')') + 2).split(" "));
    }

    private static double sum(String[] fields, int... positions) {
        double ticks = 0;
        for (int position : positions) {
            ticks += Double.parseDouble(fields[position]);
        }
        return ticks / TICKS_PER_SECOND;
    }

    private static Optional<String> read(Path file) {
        try {
            return Optional.of(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
        } catch (IOException gone) {
            return Optional.empty();
        }
    }
}
