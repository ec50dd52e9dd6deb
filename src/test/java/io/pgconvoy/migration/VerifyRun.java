package io.pgconvoy.migration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.PgconvoyProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** One run of {@code pgconvoy verify}: how it ended, and the JSON it wrote. */
record VerifyRun(PgconvoyProcess.Result result, JsonNode json) {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /**
     * A difference as the JSON has it.
     *
     * @param place the database's name; empty for what is outside of databases
     */
    record Found(String place, String kind, String object, String what, String look) {}

    static VerifyRun of(EmbeddedServer source, EmbeddedServer target, Path folder, String... options) {
        Path file = folder.resolve("verify.json");
        try (PgconvoyProcess pgconvoy = start(source, target, file, options)) {
            PgconvoyProcess.Result result = pgconvoy.await(PATIENCE);
            return new VerifyRun(
                    result,
                    Files.exists(file)
                            ? new ObjectMapper().readTree(Files.readString(file))
                            : new ObjectMapper().missingNode());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts it; the caller closes it. */
    static PgconvoyProcess start(EmbeddedServer source, EmbeddedServer target, Path json, String... options)
            throws IOException {
        Files.deleteIfExists(json);
        List<String> arguments = new ArrayList<>(List.of(
                "verify",
                "--from-host=" + source.host(),
                "--from-port=" + source.port(),
                "--to-host=" + target.host(),
                "--to-port=" + target.port(),
                "--summary-json=" + json));
        arguments.addAll(List.of(options));
        return PgconvoyProcess.start(arguments, Map.of(), json.getParent());
    }

    int exitCode() {
        return result.exitCode();
    }

    String output() {
        return result.stdout() + result.stderr();
    }

    /** All differences, the server's first. */
    List<Found> found() {
        Stream<Found> inDatabases = elements(json.get("databases"))
                .flatMap(database -> elements(database.get("differences"))
                        .map(one -> found(database.get("name").asText(), one)));
        return Stream.concat(elements(json.get("server_differences")).map(one -> found("", one)), inDatabases)
                .toList();
    }

    JsonNode database(String name) {
        return elements(json.get("databases"))
                .filter(database -> database.get("name").asText().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no database " + name + " in " + json));
    }

    List<String> databases() {
        return elements(json.get("databases"))
                .map(database -> database.get("name").asText())
                .toList();
    }

    List<String> warnings() {
        return elements(json.get("warnings")).map(JsonNode::asText).toList();
    }

    private static Found found(String place, JsonNode one) {
        return new Found(
                place,
                one.get("kind").asText(),
                one.get("object").asText(),
                one.get("what").asText(),
                one.get("look").asText());
    }

    private static Stream<JsonNode> elements(JsonNode array) {
        List<JsonNode> elements = new ArrayList<>();
        array.forEach(elements::add);
        return elements.stream();
    }
}
