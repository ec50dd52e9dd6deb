package io.pgconvoy.migration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgconvoy.cli.PgconvoyRun;
import io.pgconvoy.config.Transport;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.PgconvoyProcess;
import io.pgconvoy.testing.Streaming;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Moves one server to another by {@code pgconvoy migrate} with its journal, dumps and summary in one folder. */
final class Move {
    private static final Duration PATIENCE = Duration.ofMinutes(4);

    private final EmbeddedServer source;
    private final EmbeddedServer target;
    private final Path folder;
    private List<String> transport = List.of();

    /** How a run ended, and the summary it wrote; the latter is missing where it wrote none. */
    record Moved(PgconvoyProcess.Result result, JsonNode summary) {
        int exitCode() {
            return result.exitCode();
        }

        /** Everything it printed. */
        String output() {
            return result.stdout() + result.stderr();
        }

        /** Each database's outcome, by its name. */
        Map<String, String> outcomes() {
            Map<String, String> outcomes = new TreeMap<>();
            summary.get("databases")
                    .forEach(database -> outcomes.put(
                            database.get("name").asText(),
                            database.get("outcome").asText()));
            return outcomes;
        }

        /** The databases' names in the summary's order. */
        List<String> databases() {
            List<String> names = new ArrayList<>();
            summary.get("databases")
                    .forEach(database -> names.add(database.get("name").asText()));
            return names;
        }

        List<String> texts(String field) {
            List<String> texts = new ArrayList<>();
            summary.get(field).forEach(text -> texts.add(text.asText()));
            return texts;
        }

        JsonNode database(String name) {
            for (JsonNode database : summary.get("databases")) {
                if (database.get("name").asText().equals(name)) {
                    return database;
                }
            }
            throw new AssertionError("no database " + name + " in " + summary);
        }
    }

    Move(EmbeddedServer source, EmbeddedServer target, Path folder) {
        this.source = source;
        this.target = target;
        this.folder = folder;
    }

    /** Has the next runs use this transport. */
    Move by(Transport chosen) {
        transport = Streaming.options(chosen);
        return this;
    }

    Path dumpRoot() {
        return folder.resolve("dumps");
    }

    Path stateDir() {
        return folder.resolve("state");
    }

    /** Runs it to its end with these options besides the necessary ones. */
    Moved run(String... options) {
        Path summary = folder.resolve("summary.json");
        deleteEarlier();
        PgconvoyProcess.Result result = PgconvoyRun.run(arguments(options), environment(), PATIENCE);
        try {
            JsonNode tree = Files.exists(summary) ? new ObjectMapper().readTree(Files.readString(summary)) : missing();
            return new Moved(result, tree);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the summary", e);
        }
    }

    /** Starts it; the caller closes it. */
    PgconvoyProcess start(String... options) {
        deleteEarlier();
        return PgconvoyProcess.start(arguments(options), environment(), folder);
    }

    private void deleteEarlier() {
        try {
            Files.deleteIfExists(folder.resolve("summary.json"));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete an earlier summary", e);
        }
    }

    private List<String> arguments(String... options) {
        List<String> arguments = new ArrayList<>(List.of(
                "migrate",
                "--from-host=" + source.host(),
                "--from-port=" + source.port(),
                "--to-host=" + target.host(),
                "--to-port=" + target.port(),
                "--dump-root=" + dumpRoot(),
                "--state-dir=" + stateDir(),
                "--summary-json=" + folder.resolve("summary.json")));
        arguments.addAll(transport);
        arguments.addAll(List.of(options));
        return arguments;
    }

    private Map<String, String> environment() {
        Map<String, String> environment = new HashMap<>();
        if (!source.password().isEmpty()) {
            environment.put("PGCONVOY_FROM_PASS", source.password());
        }
        if (!target.password().isEmpty()) {
            environment.put("PGCONVOY_TO_PASS", target.password());
        }
        return environment;
    }

    private static JsonNode missing() {
        return new ObjectMapper().missingNode();
    }
}
