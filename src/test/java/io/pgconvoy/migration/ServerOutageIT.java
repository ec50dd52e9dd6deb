package io.pgconvoy.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.config.Side;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.report.Event;
import io.pgconvoy.survey.RunMessages;
import io.pgconvoy.testing.EmbeddedServer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** A server that stops while databases wait for their turn. */
class ServerOutageIT {
    private final PgconvoyException own = new PgconvoyException(ErrorKind.TARGET, "no such type", "");

    @Test
    void aServerThatIsGoneIsWaitedForAndThenGivenUpOnce() throws Exception {
        List<String> told = new CopyOnWriteArrayList<>();
        try (EmbeddedServer target = EmbeddedServer.start("18")) {
            Server server = Server.connect(target.endpoint(Side.TARGET), "pgconvoy test");
            ServerOutage patient = outage(server, Duration.ofMinutes(1), told);
            patient.failed(own);
            target.stop();
            assertThat(patient.isOver()).as("one failure may have any cause").isFalse();
            patient.failed(own);
            CompletableFuture<Boolean> over = CompletableFuture.supplyAsync(patient::isOver);
            while (told.isEmpty()) {
                Thread.sleep(50);
            }
            target.restart();
            assertThat(over.get()).as("it is back").isFalse();
            assertThat(told).hasSize(2).anyMatch(line -> line.endsWith("is back; going on"));

            told.clear();
            ServerOutage hasty = outage(server, Duration.ofSeconds(1), told);
            hasty.failed(own);
            hasty.failed(own);
            assertThat(hasty.isOver()).as("they failed over something else").isFalse();
            target.stop();
            hasty.failed(own);
            hasty.failed(own);
            assertThat(hasty.isOver()).isTrue();
            assertThat(hasty.isOver()).isTrue();
            assertThat(told).hasSize(2).anyMatch(line -> line.contains("is gone, so nothing more is begun: "));
            assertThat(hasty.gone())
                    .hasValueSatisfying(
                            gone -> assertThat(SharedTrouble.of(gone)).contains(SharedTrouble.TARGET_GONE));
        }
    }

    @Test
    void nothingIsBegunWhenTwoHaveFailedOverAFullDisk() {
        ServerOutage outage =
                new ServerOutage(List.of(), Duration.ofMinutes(1), new Cancellation(), new RunMessages(event -> {}));
        PgconvoyException full = new PgconvoyException(
                ErrorKind.JOURNAL, "cannot write /state/dumped.json: no space left on device", "Free space.");
        outage.failed(full);
        assertThat(outage.isOver()).isFalse();
        outage.failed(own);
        assertThat(outage.isOver()).as("one of them over something else").isFalse();
        outage.failed(full);
        assertThat(outage.isOver()).isTrue();
        assertThat(outage.gone()).as("the servers are there").isEmpty();
    }

    private static ServerOutage outage(Server server, Duration patience, List<String> told) {
        RunMessages notes = new RunMessages(event -> {
            if (event instanceof Event.Message message) {
                told.add(message.text());
            }
        });
        return new ServerOutage(List.of(server), patience, new Cancellation(), notes);
    }
}
