package io.pgconvoy.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.catalog.LocaleProvider;
import io.pgconvoy.config.ByteSize;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.postgres.concurrent.Bulkheads;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.postgres.concurrent.Permit;
import io.pgconvoy.report.Event.Outcome;
import io.pgconvoy.survey.RunMessages;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** In which order databases are begun, how many at once, and that none of them decides about another one. */
@Timeout(30)
class DatabaseSchedulerTest {
    private final Cancellation cancellation = new Cancellation();
    private final List<String> begun = new CopyOnWriteArrayList<>();

    /** Moves a database. */
    @FunctionalInterface
    private interface Moving {
        void move(String database, DatabasePipeline.RegularPhase regular) throws InterruptedException;
    }

    private List<DatabaseResult> run(int places, int dumps, Moving moving, String... databases) {
        var work = new DatabaseScheduler.Work() {
            @Override
            public Optional<DatabaseResult> earlier(DatabaseProperties database) {
                if (database.name().value().equals("refused")) {
                    throw new PgconvoyException(ErrorKind.SOURCE, "no", "hint");
                }
                return database.name().value().equals("earlier")
                        ? Optional.of(
                                DatabaseResult.untouched(database, Outcome.EARLIER, Optional.empty(), Optional.empty()))
                        : Optional.empty();
            }

            @Override
            public boolean needsDump(DatabaseProperties database) {
                return true;
            }

            @Override
            public DatabaseResult move(
                    DatabaseProperties database, Optional<Permit> permit, DatabasePipeline.RegularPhase regular) {
                begun.add(database.name().value());
                try {
                    moving.move(database.name().value(), regular);
                } catch (InterruptedException unexpected) {
                    throw new IllegalStateException(unexpected);
                } finally {
                    permit.ifPresent(Permit::close);
                }
                return DatabaseResult.untouched(database, Outcome.COMPLETE, Optional.empty(), Optional.empty());
            }

            @Override
            public DatabaseResult afterwards(DatabaseResult result) {
                return result;
            }
        };
        ServerOutage outage = new ServerOutage(List.of(), Duration.ZERO, cancellation, new RunMessages(event -> {}));
        return new DatabaseScheduler(work, places, Bulkheads.bulkhead("source", dumps), outage, cancellation)
                .run(Stream.of(databases).map(DatabaseSchedulerTest::database).toList());
    }

    @Test
    void aFailureOrABugOfOneLeavesTheOthersAlone() {
        List<DatabaseResult> results = run(
                2,
                1,
                (database, regular) -> {
                    if (database.equals("bug")) {
                        throw new IllegalStateException("a bug");
                    }
                },
                "a",
                "bug",
                "earlier",
                "refused",
                "b");

        assertThat(results)
                .extracting(DatabaseResult::outcome)
                .containsExactly(Outcome.COMPLETE, Outcome.FAILED, Outcome.EARLIER, Outcome.FAILED, Outcome.COMPLETE);
        assertThat(results)
                .extracting(result -> result.database().name().value())
                .containsExactly("a", "bug", "earlier", "refused", "b");
        assertThat(results.get(1).failure().orElseThrow().message()).contains("a bug");
        assertThat(begun).containsExactlyInAnyOrder("a", "bug", "b");
    }

    @Test
    void noMoreAreInFlightThanThereArePlacesAndDumps() {
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();

        run(
                3,
                2,
                (database, regular) -> {
                    most.accumulateAndGet(now.incrementAndGet(), Math::max);
                    Thread.sleep(50);
                    now.decrementAndGet();
                },
                "a",
                "b",
                "c",
                "d",
                "e");

        assertThat(most.get()).isLessThanOrEqualTo(2);
        assertThat(begun).hasSize(5);
    }

    @Test
    void oneThatWaitsForAllOthersKeepsNoPlace() {
        CountDownLatch othersAreUp = new CountDownLatch(1);

        List<DatabaseResult> results = run(
                1,
                5,
                (database, regular) -> {
                    if (database.equals("deferred")) {
                        regular.ended();
                        regular.awaitOthers();
                        assertThat(othersAreUp.getCount()).isZero();
                    } else {
                        othersAreUp.countDown();
                    }
                },
                "deferred",
                "other");

        assertThat(results).extracting(DatabaseResult::outcome).containsOnly(Outcome.COMPLETE);
    }

    @Test
    void onceCancelledNothingMoreIsBegunAndWhatIsBegunEnds() {
        List<DatabaseResult> results = run(1, 1, (database, regular) -> cancellation.cancel(), "a", "b");

        assertThat(begun).containsExactly("a");
        assertThat(results).extracting(DatabaseResult::outcome).containsExactly(Outcome.COMPLETE, Outcome.NOT_REACHED);
    }

    private static DatabaseProperties database(String name) {
        return new DatabaseProperties(
                new DatabaseName(name),
                1,
                new ByteSize(1),
                "owner",
                "UTF8",
                "C",
                "C",
                LocaleProvider.LIBC,
                Optional.empty(),
                Optional.empty(),
                "pg_default",
                -1,
                false,
                true,
                List.of(),
                Optional.empty());
    }
}
