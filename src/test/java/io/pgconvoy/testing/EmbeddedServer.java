package io.pgconvoy.testing;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.Endpoint;
import io.pgconvoy.config.Secret;
import io.pgconvoy.config.Side;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Session;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * A real PostgreSQL server on a free port of 127.0.0.1, with its own data folder, that ends with this JVM at the latest.
 *
 * <p>Settings that a migration tunes are left at the server's defaults, so that tests see the tuning. Thread-safe.
 */
public final class EmbeddedServer implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(60);
    private static final Duration STOP = Duration.ofSeconds(30);
    private static final Duration GUEST_LEAVES = Duration.ofSeconds(60);
    private static final String SUPERUSER = "postgres";
    private static final String HOST = "127.0.0.1";
    private static final Map<String, EmbeddedServer> SHARED = new ConcurrentHashMap<>();
    private static final Set<EmbeddedServer> RUNNING = ConcurrentHashMap.newKeySet();

    private static final Set<Process> GUESTS = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(EmbeddedServer::closeAll, "embedded-servers-end"));
    }

    private final ServerOptions options;
    private final Path folder;
    private int port;
    private ServerProcess process;

    private EmbeddedServer(ServerOptions options, Path folder) {
        this.options = options;
        this.folder = folder;
    }

    /** Whether a server of this major version can be started here. */
    public static boolean available(String version) {
        return PostgresBinaries.available(version);
    }

    /** This JVM's one server of a major version with default settings; tests share it and must not stop it. */
    public static EmbeddedServer shared(String version) {
        return SHARED.computeIfAbsent(version, missing -> start(ServerOptions.of(missing)));
    }

    /** A private server with programs that are installed in this folder. */
    public static EmbeddedServer fromBin(Path bin) {
        return start(ServerOptions.of(new PostgresBinaries(versionOf(bin), bin)));
    }

    /** A private server of a major version with default settings. */
    public static EmbeddedServer start(String version) {
        return start(ServerOptions.of(version));
    }

    /** A private server in a temporary folder, which closing deletes. */
    public static EmbeddedServer start(ServerOptions options) {
        try {
            return start(
                    options,
                    Files.createTempDirectory("pgc-" + options.binaries().version() + "-"));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make a folder for a server", e);
        }
    }

    /** A private server in an existing empty folder, which closing deletes. */
    public static EmbeddedServer start(ServerOptions options, Path folder) {
        EmbeddedServer server = new EmbeddedServer(options, folder);
        RUNNING.add(server);
        try {
            server.create();
            server.startOnFreePort();
            return server;
        } catch (IOException | RuntimeException e) {
            server.close();
            throw new IllegalStateException(
                    "cannot start PostgreSQL " + options.binaries().version() + ": " + e.getMessage(), e);
        }
    }

    public String host() {
        return HOST;
    }

    public synchronized int port() {
        return port;
    }

    /** The superuser's name. */
    public String user() {
        return SUPERUSER;
    }

    /** The superuser's password; empty when none is asked for. */
    public String password() {
        return options.password().orElse("");
    }

    /** The major version, as in {@code 9.6} or {@code 14}. */
    public String version() {
        return options.binaries().version();
    }

    /** The process id of the postmaster. */
    public synchronized long pid() {
        return process.pid();
    }

    /** Holds the data folder, the log and the socket. */
    public Path folder() {
        return folder;
    }

    public Path dataFolder() {
        return folder.resolve("data");
    }

    /** What the server has logged so far. */
    public String log() {
        try {
            Path log = folder.resolve("log");
            return Files.exists(log) ? new String(Files.readAllBytes(log), StandardCharsets.UTF_8) : "";
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read a server's log", e);
        }
    }

    /** The superuser's, as of a source. */
    public Endpoint endpoint(String database) {
        return endpoint(Side.SOURCE, SUPERUSER, secret(), database);
    }

    /** The superuser's, for questions about the whole server. */
    public Endpoint endpoint(Side side) {
        return endpoint(side, SUPERUSER, secret(), "postgres");
    }

    /** That of a user without a password. */
    public Endpoint endpoint(Side side, String user) {
        return endpoint(side, user, Optional.empty(), "postgres");
    }

    private Endpoint endpoint(Side side, String user, Optional<Secret> secret, String database) {
        return new Endpoint(side, HOST, port(), user, secret, new DatabaseName(database), Map.of());
    }

    private Optional<Secret> secret() {
        return Optional.of(password()).filter(text -> !text.isEmpty()).map(Secret::new);
    }

    /** A new session of the superuser, as the program opens them, for the caller to close. */
    public Session session(String database) {
        return Server.connect(endpoint(database), "pgconvoy test").session("test");
    }

    /** A new connection of the superuser, for the caller to close. */
    public Connection connect(String database) throws SQLException {
        return connect(database, SUPERUSER, password());
    }

    /** A new connection, for the caller to close. */
    public Connection connect(String database, String user, String secret) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        properties.setProperty("password", secret);
        properties.setProperty("connectTimeout", "10");
        properties.setProperty("loginTimeout", "20");
        properties.setProperty("sslmode", "disable");
        String url =
                "jdbc:postgresql://" + HOST + ":" + port() + "/" + URLEncoder.encode(database, StandardCharsets.UTF_8);
        return DriverManager.getConnection(url, properties);
    }

    /** Executes statements one by one as the superuser; each may hold several. */
    public void sql(String database, String... statements) throws SQLException {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** The first column of a query's rows, as text; a null is a null. */
    public List<String> column(String database, String query) throws SQLException {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            List<String> values = new ArrayList<>();
            while (rows.next()) {
                values.add(rows.getString(1));
            }
            return values;
        }
    }

    /** The first column of a query's one row, as text. */
    public String value(String database, String query) throws SQLException {
        List<String> values = column(database, query);
        if (values.size() != 1) {
            throw new IllegalStateException(values.size() + " rows instead of one: " + query);
        }
        return values.get(0);
    }

    public synchronized boolean isRunning() {
        return process != null && process.isAlive();
    }

    /** Stops the server in its mode "fast": clients are cut off, then a checkpoint. */
    public void stop() {
        end("INT");
    }

    /** Stops the server in its mode "immediate": no checkpoint, the next start recovers. */
    public void killImmediate() {
        end("QUIT");
    }

    /** Kills the postmaster with SIGKILL; its backends notice and end by themselves. */
    public void crash() {
        end("KILL");
    }

    /** Sends the postmaster a signal, named without SIG. */
    public synchronized void signal(String name) {
        process.signal(name);
    }

    /** Stops the server if it runs, then starts it on its old port and waits until it answers. */
    public synchronized void restart() {
        stop();
        try {
            launch();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot restart a server", e);
        }
    }

    /** From now on neither the end of this JVM nor {@link #close} ends the server; returns how to stop it. */
    public synchronized String keep() {
        process.keep();
        RUNNING.remove(this);
        return String.join(
                " ",
                ServerUser.command(List.of(
                        options.binaries().program("pg_ctl").toString(),
                        "-D",
                        dataFolder().toString(),
                        "-m",
                        "fast",
                        "stop")));
    }

    /** Ends the server at once and deletes its folder. */
    @Override
    public void close() {
        if (!RUNNING.remove(this)) {
            return;
        }
        killImmediate();
        try {
            Folders.delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete a server's folder", e);
        }
    }

    /**
     * Has the end of this JVM wait for a program that works with these servers, and ask it to end first: it may have to
     * put something right on them.
     */
    public static void outlast(Process guest) {
        GUESTS.add(guest);
    }

    private static void closeAll() {
        for (Process guest : GUESTS) {
            guest.destroy();
            try {
                if (!guest.waitFor(GUEST_LEAVES.toSeconds(), TimeUnit.SECONDS)) {
                    guest.destroyForcibly();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        for (EmbeddedServer server : RUNNING) {
            server.close();
        }
    }

    private void create() throws IOException {
        ServerUser.own(folder);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        List<String> initdb = new ArrayList<>(List.of(
                options.binaries().program("initdb").toString(),
                "--pgdata=" + dataFolder(),
                "--username=" + SUPERUSER,
                "--encoding=UTF8",
                "--locale=C",
                "--nosync",
                "--auth-local=trust",
                "--auth-host=" + options.authentication()));
        if (options.password().isPresent()) {
            Path passwords = folder.resolve("password");
            Files.createFile(
                    passwords, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(passwords, options.password().get() + "\n");
            ServerUser.own(passwords);
            initdb.add("--pwfile=" + passwords);
        }
        run(initdb);
        Files.deleteIfExists(folder.resolve("password"));
    }

    private void run(List<String> command) throws IOException {
        Path output = folder.resolve("initdb.log");
        Process child = new ProcessBuilder(ServerUser.command(command))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            if (!child.waitFor(START.toSeconds(), TimeUnit.SECONDS)) {
                throw new IOException(command.get(0) + " took more than " + START);
            }
            if (child.exitValue() != 0) {
                throw new IOException(command.get(0) + " failed: " + Files.readString(output));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(command.get(0) + " was interrupted", e);
        } finally {
            child.destroyForcibly();
        }
    }

    private synchronized void startOnFreePort() throws IOException {
        for (int attempt = 1; ; attempt++) {
            port = freePort();
            configure();
            try {
                launch();
                return;
            } catch (IOException e) {
                // Somebody may take the port between our look at it and the server's start.
                if (attempt == 5 || !log().contains("Address already in use")) {
                    throw e;
                }
                Files.deleteIfExists(folder.resolve("log"));
            }
        }
    }

    private void configure() throws IOException {
        StringBuilder text = new StringBuilder("\n# The test's own settings\n");
        setting(text, "listen_addresses", HOST);
        setting(text, "port", Integer.toString(port));
        setting(text, "unix_socket_directories", folder.toString().length() < 80 ? folder.toString() : "");
        options.settings().forEach((name, value) -> setting(text, name, value));
        Files.writeString(dataFolder().resolve("postgresql.conf"), text, StandardOpenOption.APPEND);
    }

    private static void setting(StringBuilder text, String name, String value) {
        text.append(name).append(" = '").append(value.replace("'", "''")).append("'\n");
    }

    private void launch() throws IOException {
        List<String> command = new ArrayList<>(List.of(
                options.binaries().program("postgres").toString(),
                "-D",
                dataFolder().toString()));
        command.addAll(options.arguments());
        process = ServerProcess.start(folder, command);
        long deadline = System.nanoTime() + START.toNanos();
        while (!answers()) {
            if (process.ended(Duration.ofMillis(50))) {
                throw new IOException("the server ended: " + log());
            }
            if (System.nanoTime() > deadline) {
                process.signal("KILL");
                throw new IOException("no answer within " + START + ": " + log());
            }
        }
    }

    private boolean answers() {
        try (Connection connection = connect("postgres")) {
            return connection.isValid(5);
        } catch (SQLException e) {
            return false;
        }
    }

    private synchronized void end(String signal) {
        if (process == null) {
            return;
        }
        process.signal(signal);
        if (!process.ended(STOP)) {
            process.signal("KILL");
            process.ended(STOP);
            if (!signal.equals("KILL")) {
                throw new IllegalStateException(
                        "server did not end within " + STOP + " of SIG" + signal + ": " + log());
            }
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static String versionOf(Path bin) {
        try {
            Process child = new ProcessBuilder(bin.resolve("postgres").toString(), "--version")
                    .redirectErrorStream(true)
                    .start();
            String answer = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            // postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)
            String[] numbers = answer.replaceFirst("^\\D*", "").split("\\D", 3);
            return Integer.parseInt(numbers[0]) < 10 ? numbers[0] + "." + numbers[1] : numbers[0];
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run " + bin.resolve("postgres"), e);
        }
    }
}
