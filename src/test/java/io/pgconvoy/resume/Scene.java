package io.pgconvoy.resume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgconvoy.cli.PgconvoyRun;
import io.pgconvoy.config.Transport;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.PgconvoyProcess;
import io.pgconvoy.testing.Streaming;
import io.pgconvoy.testing.TestDatabases;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One migration of a few small databases, run as often as a test likes, and what must be true of its two servers
 * afterwards. Not thread-safe.
 */
final class Scene implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(60);

    private final EmbeddedServer source;
    private final EmbeddedServer target;
    private final Path folder;
    private final List<String> databases = new ArrayList<>();
    private final List<String> abandoned = new ArrayList<>();
    private Optional<HeldDump> heldDump = Optional.empty();
    private Optional<String> parameters = Optional.empty();
    private Optional<Transport> transport = Optional.empty();
    private List<String> settingsBefore;
    private int sourcePort;
    private int targetPort;

    /**
     * @param folder for journal and dumps
     */
    Scene(EmbeddedServer source, EmbeddedServer target, Path folder) throws SQLException {
        this.source = source;
        this.target = target;
        this.folder = folder;
        this.settingsBefore = settings();
        this.sourcePort = source.port();
        this.targetPort = target.port();
    }

    /** Has the runs connect to other ports, with something in between. */
    Scene through(int portOfSource, int portOfTarget) {
        sourcePort = portOfSource;
        targetPort = portOfTarget;
        return this;
    }

    /** Has the runs connect to both servers with these parameters of a URI. */
    Scene withParameters(String ofUri) {
        parameters = Optional.of(ofUri);
        return this;
    }

    /** Has the next runs use this transport. */
    Scene by(Transport chosen) {
        transport = Optional.of(chosen);
        return this;
    }

    /** Whether the rows go straight to the target, so that no tool is at work on them. */
    boolean streams() {
        return transport.map(Transport.STREAM::equals).orElseGet(PgconvoyProcess::streams);
    }

    /** Adds a database to the source that is to be moved. */
    Scene with(String database) throws SQLException {
        Content.create(source, database);
        databases.add(database);
        return this;
    }

    /** Has all runs use tools whose pg_dump of a database can be held up. */
    HeldDump heldDump(String database) {
        HeldDump tools = new HeldDump(folder.resolve("tools"), database);
        heldDump = Optional.of(tools);
        return tools;
    }

    /** Moves a database, too, that the test has made on the source itself. */
    Scene withExisting(String database) {
        databases.add(database);
        return this;
    }

    EmbeddedServer source() {
        return source;
    }

    EmbeddedServer target() {
        return target;
    }

    /** Drops a database from the source, and does not expect it on the target any more. */
    void without(String database) throws SQLException {
        TestDatabases.drop(source, database);
        databases.remove(database);
        abandoned.add(database);
    }

    PgconvoyProcess start(String... more) {
        return start(Map.of(), more);
    }

    PgconvoyProcess start(Map<String, String> environment, String... more) {
        return PgconvoyProcess.start(arguments(more), environment);
    }

    private List<String> arguments(String... more) {
        List<String> arguments = new ArrayList<>(List.of("migrate"));
        arguments.addAll(endpoint("--from", source.host(), sourcePort));
        arguments.addAll(endpoint("--to", target.host(), targetPort));
        transport.ifPresent(chosen -> arguments.addAll(Streaming.options(chosen)));
        arguments.addAll(List.of("--state-dir", stateDir().toString()));
        if (!List.of(more).contains("--dump-root")) {
            arguments.addAll(List.of("--dump-root", dumpRoot().toString()));
        }
        heldDump.ifPresent(
                tools -> arguments.addAll(List.of("--pg-bin", tools.folder().toString())));
        databases.forEach(database -> arguments.addAll(List.of("--include-db", database)));
        arguments.addAll(List.of("-p", "1", "--dump-jobs", "2", "--restore-jobs", "2", "--verify-concurrency", "2"));
        arguments.addAll(List.of(more));
        return arguments;
    }

    private List<String> endpoint(String option, String host, int port) {
        return parameters
                .map(ofUri -> List.of(option, "postgresql://" + host + ":" + port + "/postgres?" + ofUri))
                .orElseGet(() -> List.of(option + "-host", host, option + "-port", String.valueOf(port)));
    }

    /** Runs the migration to its end. */
    PgconvoyProcess.Result run(String... more) {
        return PgconvoyRun.run(arguments(more), Map.of(), PATIENCE);
    }

    /** Runs {@code pgconvoy revert-tuning}. */
    PgconvoyProcess.Result revertTuning() {
        return PgconvoyRun.run(
                List.of(
                        "revert-tuning",
                        "--to-host",
                        target.host(),
                        "--to-port",
                        String.valueOf(target.port()),
                        "--state-dir",
                        stateDir().toString()),
                Map.of(),
                PATIENCE);
    }

    Path stateDir() {
        return folder.resolve("state");
    }

    Path dumpRoot() {
        return folder.resolve("dumps");
    }

    /** The migration's journal, once there is one. */
    Path journal() {
        try (Stream<Path> entries = Files.list(stateDir())) {
            // The folder of all journals stands a moment before the one that is looked for.
            return entries.findFirst()
                    .orElseThrow(() -> new NoSuchFileException(stateDir().toString(), null, "no journal yet"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The migration's identifier. */
    String id() {
        return field(journal().resolve("migration.json"), "id");
    }

    Path marker(String database, String step) {
        return journal().resolve("databases").resolve(database).resolve(step + ".json");
    }

    /** A text field of one of the journal's files. */
    static String field(Path file, String name) {
        String text = read(file);
        String[] parts = text.split("\"" + name + "\" : \"?", 2);
        assertThat(parts).as("%s in %s", name, text).hasSize(2);
        return parts[1].split("[\",\n]", 2)[0];
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether the target has as yet the settings that a run gives it for the load. */
    boolean isTuned() throws SQLException {
        return !settings().equals(settingsBefore);
    }

    /** The target's settings, in its files and in a new session. */
    List<String> settings() throws SQLException {
        List<String> settings = new ArrayList<>(target.column("postgres", """
                SELECT name || ' = ' || setting FROM pg_file_settings
                 WHERE sourcefile LIKE '%postgresql.auto.conf' ORDER BY name
                """));
        settings.addAll(target.column("postgres", """
                SELECT name || ': ' || setting FROM pg_settings
                 WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit', 'autovacuum', 'max_wal_size',
                                'checkpoint_timeout', 'checkpoint_completion_target', 'maintenance_work_mem')
                 ORDER BY name
                """));
        return settings;
    }

    /** Takes the target's settings as they are now for what they have to be at the end. */
    void rememberSettings() throws SQLException {
        settingsBefore = settings();
    }

    /** Everything arrived once, and nothing else is left of the runs. */
    void assertMoved() throws SQLException {
        for (String database : databases) {
            assertThat(Content.of(target, database)).as(database).isEqualTo(Content.of(source, database));
        }
        assertNothingIsLeft();
        // The dump of a database that is gone from the source may be the last copy of it.
        assertThat(dumps()).isSubsetOf(abandoned);
    }

    /** No half-made database either. */
    void assertNothingIsLeft() throws SQLException {
        assertThat(target.column("postgres", "SELECT datname FROM pg_database WHERE datname LIKE 'pgconvoy%'"))
                .isEmpty();
        assertNothingIsLeftRunning();
    }

    /** The target is as it was before, and nothing is at work any more. */
    void assertNothingIsLeftRunning() throws SQLException {
        assertThat(settings()).isEqualTo(settingsBefore);
        assertThat(journal().resolve("tuning.json")).doesNotExist();
        awaitNoTools();
        awaitNoSessions();
    }

    /** Waits until no pg_dump and no pg_restore works on this migration's dumps. */
    void awaitNoTools() {
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(tools()).isEmpty());
    }

    /** Waits until neither server has a session of pgconvoy. */
    void awaitNoSessions() {
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(sessions()).isEmpty());
    }

    /** The command lines of the tools at work on this migration's dumps. */
    List<String> tools() {
        return toolProcesses("")
                .map(process -> process.info().commandLine().orElse(""))
                .toList();
    }

    /** The processes whose program's name ends so, and which work on this migration's dumps. */
    Stream<ProcessHandle> toolProcesses(String program) {
        return ProcessHandle.allProcesses()
                .filter(process -> process.info()
                        .commandLine()
                        .filter(line -> line.contains(folder.toString()))
                        .filter(line -> line.matches("(?s).*/pg_(dump|restore) .*"))
                        .filter(line -> line.contains(program))
                        .isPresent());
    }

    private List<String> sessions() throws SQLException {
        String sql = "SELECT application_name || ': ' || query FROM pg_stat_activity WHERE application_name LIKE"
                + " 'pgconvoy%'";
        List<String> sessions = new ArrayList<>(source.column("postgres", sql));
        sessions.addAll(target.column("postgres", sql));
        return sessions;
    }

    /** The names of the databases that have a folder for dumps. */
    List<String> dumps() {
        if (!Files.isDirectory(dumpRoot())) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(dumpRoot())) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Drops the databases from both servers. */
    @Override
    public void close() throws SQLException {
        for (String database : databases) {
            TestDatabases.drop(source, database);
            TestDatabases.drop(target, database);
        }
    }
}
