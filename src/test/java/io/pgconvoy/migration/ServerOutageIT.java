package io.pgconvoy.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.Endpoint;
import io.pgconvoy.config.Side;
import io.pgconvoy.postgres.Cancellation;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.testing.EmbeddedServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** A server that stops while databases wait for their turn. */
class ServerOutageIT {
    @Test
    void aServerThatIsGoneIsWaitedForAndThenGivenUpOnce() throws Exception {
        List<String> told = new CopyOnWriteArrayList<>();
        try (EmbeddedServer target = EmbeddedServer.start("18")) {
            Server server = Server.connect(
                    new Endpoint(
                            Side.TARGET,
                            target.host(),
                            target.port(),
                            target.user(),
                            Optional.empty(),
                            new DatabaseName("postgres"),
                            Map.of()),
                    "pgconvoy test");
            ServerOutage patient = outage(server, Duration.ofMinutes(1), told);
            patient.failed();
            target.stop();
            assertThat(patient.isOver()).as("one failure may have any cause").isFalse();
            patient.failed();
            CompletableFuture<Boolean> over = CompletableFuture.supplyAsync(patient::isOver);
            while (told.isEmpty()) {
                Thread.sleep(50);
            }
            target.restart();
            assertThat(over.get()).as("it is back").isFalse();
            assertThat(told).hasSize(2).anyMatch(line -> line.endsWith("is back; going on"));

            told.clear();
            ServerOutage hasty = outage(server, Duration.ofSeconds(1), told);
            hasty.failed();
            hasty.failed();
            assertThat(hasty.isOver()).as("they failed over something else").isFalse();
            target.stop();
            hasty.failed();
            hasty.failed();
            assertThat(hasty.isOver()).isTrue();
            assertThat(hasty.isOver()).isTrue();
            assertThat(told).hasSize(2).anyMatch(line -> line.contains("is gone, so nothing more is begun: "));
        }
    }

    private static ServerOutage outage(Server server, Duration patience, List<String> told) {
        return new ServerOutage(List.of(server), patience, new Cancellation(), (level, text) -> told.add(text));
    }
}
