package io.pgconvoy.cli;

import io.pgconvoy.config.Endpoint;
import io.pgconvoy.config.Home;
import io.pgconvoy.model.Failure;
import io.pgconvoy.report.JsonOutput;
import io.pgconvoy.report.Summary.ServerSummary;
import io.pgconvoy.report.SummaryJson;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The JSON of one command line. It is written once at every end: with the result, or with why there is none, so that nobody
 * takes the file of last night's run for this one's. Not safe for use by many threads.
 */
final class ResultJson {
    /** With these a command does nothing but say something about itself. */
    static final Set<String> NO_RUN = Set.of("-h", "--help", "-V", "--version");

    private final String command;
    private final Optional<JsonOutput> output;
    private final Instant startedAt = Instant.now();
    private Optional<Endpoint> source = Optional.empty();
    private Optional<Endpoint> target = Optional.empty();
    private boolean written;

    private ResultJson(String command, Optional<JsonOutput> output) {
        this.command = command;
        this.output = output;
    }

    /**
     * Opens what the command line, the environment or the configuration file names, if anything. The parser is not asked,
     * since what it does not understand is an end, too.
     *
     * @throws io.pgconvoy.config.PgconvoyException of kind USAGE where it cannot be written
     */
    static ResultJson open(List<String> arguments, Map<String, String> environment, Home home, PrintStream out) {
        String command = arguments.isEmpty() ? "" : arguments.get(0);
        boolean runs = Set.of("migrate", "check", "verify").contains(command)
                && arguments.stream().noneMatch(NO_RUN::contains);
        Optional<String> name =
                runs ? OptionDefaults.lookUp(SummaryJsonOption.NAME, arguments, environment) : Optional.empty();
        return new ResultJson(
                command,
                name.map(known -> known.startsWith("~") ? home.resolve(known).toString() : known)
                        .map(known -> JsonOutput.open(known, out)));
    }

    static ResultJson none() {
        return new ResultJson("", Optional.empty());
    }

    /** Whether stdout is for the JSON alone. */
    boolean takesStdout() {
        return output.filter(JsonOutput::isStdout).isPresent();
    }

    /** To be called as soon as the servers' addresses are known. */
    void between(Endpoint from, Endpoint to) {
        source = Optional.of(from);
        target = Optional.of(to);
    }

    /** Writes the result, if anybody wants it. */
    void write(Supplier<Map<String, Object>> document) {
        if (!written) {
            written = true;
            output.ifPresent(known -> known.write(document.get()));
        }
    }

    /** Writes why there is no result, unless there is one. */
    void writeNoResult(ExitCode code, List<Failure> why) {
        write(() -> SummaryJson.ofNoResult(command, head(code), why));
    }

    /** Which run it is, as far as that is known without a result. */
    SummaryJson.Head head(ExitCode code) {
        return new SummaryJson.Head(
                VersionProvider.version(),
                source.map(ResultJson::server),
                target.map(ResultJson::server),
                startedAt,
                Duration.between(startedAt, Instant.now()),
                code.status());
    }

    /** Whose version was not asked. */
    private static ServerSummary server(Endpoint endpoint) {
        return new ServerSummary(endpoint.host(), endpoint.port(), null);
    }
}
