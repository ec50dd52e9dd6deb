package io.pgconvoy.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.github.dockerjava.api.exception.NotFoundException;
import io.pgconvoy.testing.PgconvoyProcess;
import io.pgconvoy.testing.PostgresTools;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * Moves between the official images of any two versions, named by the system properties {@code pgconvoy.test.from} and
 * {@code pgconvoy.test.to}. Skipped where there is no Docker engine or it has not got them.
 */
class ContainerIT {
    private static final String FROM = "postgres:" + System.getProperty("pgconvoy.test.from", "9.5");
    private static final String TO = "postgres:" + System.getProperty("pgconvoy.test.to", "18");
    private static final Duration START = Duration.ofMinutes(2);

    @TempDir
    private Path folder;

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void movesBetweenContainers() throws SQLException {
        // Testcontainers would look for the engine's address with an image that it tries to pull for minutes.
        assumeTrue(
                !Files.exists(Path.of("/.dockerenv")) || System.getenv("TESTCONTAINERS_HOST_OVERRIDE") != null,
                "skipped: inside a container this needs TESTCONTAINERS_HOST_OVERRIDE, localhost for example");
        assumeTrue(isDockerThere(), "skipped: there is no Docker engine");
        provideImage(FROM);
        provideImage(TO);
        try (PostgreSQLContainer source = container(FROM, "source's secret");
                PostgreSQLContainer target = container(TO, "target's secret")) {
            source.start();
            target.start();
            assumeTrue(
                    PostgresTools.major()
                            >= Integer.parseInt(value(source, "postgres", "SHOW server_version_num")) / 10000,
                    "skipped: pg_dump here is older than " + FROM);
            execute(
                    source,
                    "postgres",
                    "CREATE ROLE \"the owner\" LOGIN PASSWORD 'hers'",
                    "CREATE DATABASE shop OWNER \"the owner\"",
                    "CREATE DATABASE \"a=b\"",
                    "ALTER DATABASE shop SET work_mem = '7MB'");
            execute(source, "shop", "CREATE TABLE t AS SELECT i, md5(i::text) FROM generate_series(1, 10000) i");
            execute(source, "a=b", "CREATE TABLE t AS SELECT 1 AS one");

            PgconvoyProcess.Result result = PgconvoyProcess.run(
                    List.of(
                            "migrate",
                            "--from-host=" + source.getHost(),
                            "--from-port=" + source.getFirstMappedPort(),
                            "--to-host=" + target.getHost(),
                            "--to-port=" + target.getFirstMappedPort(),
                            "--dump-root=" + folder.resolve("dumps"),
                            "--state-dir=" + folder.resolve("state")),
                    Map.of("PGCONVOY_FROM_PASS", source.getPassword(), "PGCONVOY_TO_PASS", target.getPassword()),
                    Duration.ofMinutes(4));

            assertThat(result.exitCode()).as(result.stdout() + result.stderr()).isZero();
            assertThat(value(target, "shop", "SELECT count(*) || ' ' || current_setting('work_mem') FROM t"))
                    .isEqualTo("10000 7MB");
            assertThat(value(target, "a=b", "SELECT one FROM t")).isEqualTo("1");
            assertThat(value(
                            target,
                            "postgres",
                            "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'shop'"))
                    .isEqualTo("the owner");
        }
    }

    private static boolean isDockerThere() {
        try {
            return DockerClientFactory.instance().isDockerAvailable();
        } catch (RuntimeException unusable) {
            return false;
        }
    }

    /** Uses the engine's own image, or pulls it within a bounded time. */
    private static void provideImage(String image) {
        var docker = DockerClientFactory.lazyClient();
        try {
            docker.inspectImageCmd(image).exec();
        } catch (NotFoundException missing) {
            String name = image.substring(0, image.indexOf(':'));
            String tag = image.substring(image.indexOf(':') + 1);
            try {
                if (!docker.pullImageCmd(name).withTag(tag).start().awaitCompletion(3, TimeUnit.MINUTES)) {
                    abort("skipped: the image " + image + " could not be pulled within 3 minutes");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                abort("skipped: interrupted while pulling " + image);
            } catch (RuntimeException unreachable) {
                abort("skipped: the image " + image + " is neither here nor can it be pulled: "
                        + unreachable.getMessage());
            }
        }
    }

    private static PostgreSQLContainer container(String image, String secret) {
        return new PostgreSQLContainer(DockerImageName.parse(image))
                .withUsername("postgres")
                .withDatabaseName("postgres")
                .withPassword(secret)
                .withStartupTimeout(START);
    }

    private static Connection connect(PostgreSQLContainer server, String database) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://" + server.getHost() + ":" + server.getFirstMappedPort() + "/"
                        + database.replace("=", "%3D") + "?sslmode=disable&connectTimeout=10",
                server.getUsername(),
                server.getPassword());
    }

    private static void execute(PostgreSQLContainer server, String database, String... statements) throws SQLException {
        try (Connection connection = connect(server, database);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private static String value(PostgreSQLContainer server, String database, String query) throws SQLException {
        try (Connection connection = connect(server, database);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }
}
