package io.pgconvoy.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgconvoy.config.FileTrouble;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.report.Summary.DatabaseSummary;
import io.pgconvoy.report.Summary.DeferredSummary;
import io.pgconvoy.report.Summary.PhaseTime;
import io.pgconvoy.report.Summary.ServerSummary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A summary for programs: the file of {@code --summary-json}. Its schema is docs/summary-json.md, and is stable. */
public final class SummaryJson {
    /** Raised when a field changes its meaning or goes away; not when one is added. */
    private static final int FORMAT = 1;

    private static final ObjectMapper MAPPER =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private SummaryJson() {}

    /**
     * Finds out before hours of work whether the file can be written after them.
     *
     * @throws PgconvoyException of kind USAGE when it cannot
     */
    public static void check(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null || Files.isDirectory(file)) {
            throw PgconvoyException.usage(
                    "--summary-json " + file + " is a folder", "Name a file; an existing one is replaced.");
        }
        if (!Files.isDirectory(folder)) {
            throw PgconvoyException.usage(
                    "--summary-json " + file + ": there is no folder " + folder,
                    "Create the folder, or name a file in another one.");
        }
        if (!Files.isWritable(isReplaceable(file) ? folder : file)) {
            throw PgconvoyException.usage(
                    "--summary-json " + file + " cannot be written", "Check the permissions of " + folder + ".");
        }
    }

    /**
     * Writes the file, whole or not at all.
     *
     * @throws PgconvoyException of kind USAGE when that fails; an earlier file is then untouched
     */
    public static void write(Summary summary, Path file) {
        check(file);
        byte[] bytes = (text(summary) + "\n").getBytes(StandardCharsets.UTF_8);
        try {
            if (isReplaceable(file)) {
                replace(file, bytes);
            } else {
                Files.write(file, bytes);
            }
        } catch (IOException failure) {
            throw PgconvoyException.usage(
                    "--summary-json " + file + " cannot be written: " + FileTrouble.reason(failure),
                    "Check the free space and the permissions there.");
        }
    }

    static String text(Summary summary) {
        try {
            return MAPPER.writeValueAsString(tree(summary));
        } catch (JsonProcessingException bug) {
            throw new UncheckedIOException(bug);
        }
    }

    /** Not so a device or a pipe, such as /dev/stdout: that is written to. */
    private static boolean isReplaceable(Path file) {
        return Files.notExists(file) || Files.isRegularFile(file);
    }

    private static void replace(Path file, byte[] bytes) throws IOException {
        // A symbolic link stays one, and what it points to is replaced.
        Path actual = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
        Path temporary = actual.resolveSibling(actual.getFileName() + ".tmp");
        try {
            Files.write(temporary, bytes);
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.move(temporary, actual, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private static ObjectNode tree(Summary summary) {
        ObjectNode root = MAPPER.createObjectNode();
        root.put("format", FORMAT);
        root.put("version", summary.version());
        root.set("source", server(summary.source()));
        root.set("target", server(summary.target()));
        root.put("started_at", summary.startedAt().toString());
        root.put("elapsed_seconds", seconds(summary.elapsed()));
        root.put("overlap_seconds", seconds(summary.overlap()));
        root.put("exit_code", summary.exitCode());
        ArrayNode databases = root.putArray("databases");
        summary.databases().forEach(database -> databases.add(database(database)));
        root.set("totals", totals(SummaryTotals.of(summary.databases())));
        root.set("globals", texts(summary.globals()));
        root.set("warnings", texts(summary.warnings()));
        root.set("errors", texts(summary.errors()));
        return root;
    }

    private static ObjectNode server(ServerSummary server) {
        ObjectNode node = MAPPER.createObjectNode();
        node.put("host", server.host());
        node.put("port", server.port());
        node.put("version", server.version());
        return node;
    }

    private static ObjectNode database(DatabaseSummary database) {
        ObjectNode node = MAPPER.createObjectNode();
        node.put("name", database.name().value());
        node.put("size_bytes", database.size().bytes());
        node.put("tables", database.tables());
        node.put("rows", database.rows().orElse(null));
        phase(node, "dump", database.dump());
        phase(node, "restore", database.restore());
        phase(node, "verify", database.verify());
        if (database.deferred().isPresent()) {
            node.set("deferred", deferred(database.deferred().get()));
        } else {
            node.putNull("deferred");
        }
        node.put("total_seconds", seconds(database.total()));
        node.put("outcome", outcome(database.outcome()));
        node.put("detail", database.detail());
        return node;
    }

    private static ObjectNode deferred(DeferredSummary deferred) {
        ObjectNode node = MAPPER.createObjectNode();
        node.put("tables", deferred.tables());
        node.put("opened_at", deferred.openedAt().map(Instant::toString).orElse(null));
        phase(node, "dump", deferred.dump());
        phase(node, "load", deferred.load());
        phase(node, "indexes", deferred.indexes());
        phase(node, "verify", deferred.verify());
        return node;
    }

    private static void phase(ObjectNode database, String name, Optional<PhaseTime> phase) {
        if (phase.isEmpty()) {
            database.putNull(name);
            return;
        }
        ObjectNode node = database.putObject(name);
        node.put("started_at", phase.get().startedAt().toString());
        node.put("elapsed_seconds", seconds(phase.get().elapsed()));
    }

    private static ObjectNode totals(SummaryTotals totals) {
        ObjectNode node = MAPPER.createObjectNode();
        node.put("size_bytes", totals.size().bytes());
        node.put("tables", totals.tables());
        node.put("rows", totals.rows());
        node.put("dump_seconds", seconds(totals.dump()));
        node.put("restore_seconds", seconds(totals.restore()));
        node.put("verify_seconds", seconds(totals.verify()));
        return node;
    }

    private static String outcome(Event.Outcome outcome) {
        return switch (outcome) {
            case COMPLETE -> "complete";
            case WARNINGS -> "warnings";
            case FAILED -> "failed";
            case EARLIER -> "earlier";
            case NOT_REACHED -> "not_reached";
        };
    }

    private static ArrayNode texts(List<String> texts) {
        ArrayNode node = MAPPER.createArrayNode();
        texts.forEach(node::add);
        return node;
    }

    /** To the millisecond. */
    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }
}
