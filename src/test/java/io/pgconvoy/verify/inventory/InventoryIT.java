package io.pgconvoy.verify.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.Side;
import io.pgconvoy.journal.Json;
import io.pgconvoy.model.Difference;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.FleetServers;
import io.pgconvoy.testing.PgconvoyProcess;
import io.pgconvoy.verify.inventory.PlantedDifferences.Planted;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a real migration leaves no difference in, and that each difference made afterwards is found by name. */
class InventoryIT {
    /** Settings of databases that a server of version 18 does not know: the migration warns of each. */
    private static final List<String> GONE =
            List.of("sql_inheritance", "operator_precedence_warning", "debug_parallel_query");

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = "9.5")
    void findsNothingButWhatDiffers(String version) throws Exception {
        try (EmbeddedServer source = FleetServers.start(version);
                EmbeddedServer target = EmbeddedServer.start("18")) {
            migrate(source, target);
            Server from = connect(source, Side.SOURCE);
            Server to = connect(target, Side.TARGET);

            Map<String, Inventory> inventories = new TreeMap<>();
            for (String database : FleetServers.databases()) {
                inventories.put(database, throughJson(read(from, database)));
                assertThat(clauses(InventoryComparison.compare(inventories.get(database), read(to, database))))
                        .as(database)
                        .isEmpty();
            }
            assertThat(onServer(from, to))
                    .as("the server")
                    .allMatch(clause -> GONE.stream()
                            .anyMatch(name -> clause.equals(
                                    "setting " + name + " of database touchy: " + ServerComparison.UNKNOWN)))
                    .isNotEmpty();

            for (Planted planted : PlantedDifferences.inDatabases()) {
                plant(target, planted);
            }
            SoftAssertions softly = new SoftAssertions();
            Map<String, List<String>> found = new TreeMap<>();
            for (Planted planted : PlantedDifferences.inDatabases()) {
                if (!found.containsKey(planted.database())) {
                    found.put(
                            planted.database(),
                            clauses(InventoryComparison.compare(
                                    inventories.get(planted.database()), read(to, planted.database()))));
                }
                softly.assertThat(found.get(planted.database()))
                        .as(planted.sql())
                        .anyMatch(clause -> clause.startsWith(planted.expected()));
            }
            for (Planted planted : PlantedDifferences.onServer()) {
                plant(target, planted);
            }
            List<String> onServer = onServer(from, to);
            for (Planted planted : PlantedDifferences.onServer()) {
                softly.assertThat(onServer).as(planted.sql()).contains(planted.expected());
            }
            softly.assertThat(String.join("\n", onServer) + found)
                    .as("no secret")
                    .doesNotContain("SCRAM-SHA-256", "md59df", "p'w", "p''w", "password=");
            softly.assertAll();
        }
    }

    private void migrate(EmbeddedServer source, EmbeddedServer target) {
        List<String> arguments = List.of(
                "migrate",
                "--from-host=" + source.host(),
                "--from-port=" + source.port(),
                "--to-host=" + target.host(),
                "--to-port=" + target.port(),
                "--dump-root=" + folder.resolve("dumps"),
                "--state-dir=" + folder.resolve("state"));
        try (PgconvoyProcess pgconvoy = PgconvoyProcess.start(arguments, Map.of(), folder)) {
            PgconvoyProcess.Result result = pgconvoy.await(Duration.ofMinutes(4));
            assertThat(result.exitCode()).as(result.stdout() + result.stderr()).isZero();
        }
    }

    private static void plant(EmbeddedServer target, Planted planted) throws SQLException {
        try (Connection connection = target.connect(planted.database());
                Statement statement = connection.createStatement()) {
            // One of the databases is read-only by its own setting, another has a search_path.
            statement.execute("SET search_path = public; SET statement_timeout = 0");
            statement.execute(planted.sql());
        } catch (SQLException failure) {
            throw new SQLException(failure.getMessage() + "\nin " + planted.sql(), failure);
        }
    }

    private static List<String> onServer(Server from, Server to) throws SQLException {
        try (Session source = from.session("test");
                Session target = to.session("test")) {
            return clauses(ServerComparison.compare(
                    ServerInventory.read(source),
                    ServerInventory.read(target),
                    name -> FleetServers.databases().contains(name.value()),
                    name -> false,
                    (setting, value) -> false));
        }
    }

    private static Inventory read(Server server, String database) throws SQLException {
        try (Session session = server.session(new DatabaseName(database), "test")) {
            return session.rolledBack(transaction -> {
                transaction.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
                return InventoryReader.read(transaction);
            });
        }
    }

    private static Inventory throughJson(Inventory inventory) throws JsonProcessingException {
        return Json.mapper().readValue(Json.text(inventory), Inventory.class);
    }

    private static List<String> clauses(List<Difference> differences) {
        List<String> clauses = new ArrayList<>();
        differences.forEach(difference -> {
            assertThat(difference.look()).isNotBlank();
            clauses.add(difference.object() + ": " + difference.what());
        });
        return clauses;
    }

    private static Server connect(EmbeddedServer server, Side side) {
        return Server.connect(server.endpoint(side), "pgconvoy test");
    }
}
