package io.pgconvoy.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.Endpoint;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.config.Side;
import io.pgconvoy.model.Failure;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.TestDatabases;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SessionIT {
    private static final EmbeddedServer SERVER = EmbeddedServer.shared("18");

    /** What a statement waits for, so that it is at work when something happens to it. */
    private static final int GATE = 0x5e55;

    private final Cancellation cancellation = new Cancellation();

    @Test
    void readsValuesArraysAndNulls() {
        try (Session session = SERVER.session("postgres")) {
            assertThat(session.text("SELECT 'a'")).contains("a");
            assertThat(session.text("SELECT NULL::text")).isEmpty();
            assertThat(session.text("SELECT 'a' WHERE false")).isEmpty();
            assertThat(session.texts("VALUES ('a'), (NULL), ('b')")).containsExactly("a", "b");
            assertThat(session.number("SELECT 3000000000")).isEqualTo(3_000_000_000L);
            assertThat(session.number("SELECT NULL::bigint")).isZero();
            assertThat(session.flag("SELECT true")).isTrue();
            assertThat(session.flag("SELECT NULL::boolean")).isFalse();
            assertThat(session.first("SELECT ARRAY['a', NULL]", row -> row.texts(1)))
                    .contains(Arrays.asList("a", null));
            assertThat(session.first("SELECT ARRAY[1, 2]", row -> row.numbers(1)))
                    .contains(List.of(1L, 2L));
            assertThat(session.first("SELECT NULL::text[]", row -> row.texts(1)))
                    .contains(List.of());
            assertThat(session.first("SELECT NULL::int AS a, 7 AS b", row -> List.of(row.number("a"), row.number("b"))))
                    .contains(List.of(Optional.empty(), Optional.of(7L)));
        }
    }

    @Test
    void takesParametersAndLeavesSqlWithoutThemAsItIs() {
        try (Session session = SERVER.session("postgres")) {
            assertThat(session.texts(
                            "SELECT t FROM unnest(?) AS t WHERE t = ANY (?) ORDER BY t",
                            List.of("a", "b", "c"),
                            List.of("c", "a")))
                    .containsExactly("a", "c");
            assertThat(session.number("SELECT sum(n) FROM unnest(?) AS n", (Object) new Long[] {1L, 2L}))
                    .isEqualTo(3);
            assertThat(session.flag("SELECT '{\"a\": 1}'::jsonb ? 'a'")).isTrue();
            assertThat(session.text("SELECT '{fn now()} {d x}'")).contains("{fn now()} {d x}");
        }
    }

    @Test
    void failsWithServerDatabaseAndWhatWasBeingDone() {
        try (Session session = SERVER.session("postgres").doing("dividing")) {
            assertThatThrownBy(() -> session.number("SELECT 1 / 0"))
                    .isInstanceOfSatisfying(SqlFailure.class, failure -> {
                        assertThat(failure)
                                .hasMessage(session.server().label() + ", database \"postgres\": dividing failed: "
                                        + failure.reason());
                        assertThat(failure.state()).isEqualTo("22012");
                        assertThat(failure.reason()).contains("division by zero");
                        assertThat(failure.words()).isEqualTo("division by zero");
                        assertThat(failure.kind()).isEqualTo(ErrorKind.SOURCE);
                    });
            assertThat(session.number("SELECT 1")).isEqualTo(1);
        }
    }

    @Test
    void rollsBackWhatFailedAndThrowsTheCause() {
        IllegalStateException cause = new IllegalStateException("no");
        try (Session session = SERVER.session("postgres")) {
            session.execute("CREATE TEMPORARY TABLE t (a int)");

            assertThatThrownBy(() -> session.committed(transaction -> {
                        transaction.execute("INSERT INTO t VALUES (1)");
                        throw cause;
                    }))
                    .isSameAs(cause);
            assertThat(session.isInTransaction()).isFalse();
            assertThat(session.number("SELECT count(*) FROM t")).isZero();

            session.rolledBack(transaction -> transaction.execute("INSERT INTO t VALUES (1)"));
            assertThat(session.number("SELECT count(*) FROM t")).isZero();

            assertThat(session.<Long>committed(transaction -> transaction.execute("INSERT INTO t VALUES (?), (2)", 1)))
                    .isEqualTo(2);
            assertThat(session.number("SELECT count(*) FROM t")).isEqualTo(2);
        }
    }

    @Test
    void aCancellationBreaksTheStatementAndTheSessionOff() throws Exception {
        Server server = server();
        try (Session gate = gate();
                Session session = server.session("waiting")) {
            CompletableFuture<Long> waiting = atWork(session, () -> pass(session));

            cancellation.cancel();

            assertInterrupted(() -> await(waiting));
            assertThat(session.isClosed()).isTrue();
            assertInterrupted(() -> session.number("SELECT 1"));
            gate.execute("SELECT 1");
        }
    }

    @Test
    void aCancellationBetweenTwoStatementsOfATransactionLeavesNothingOfIt() {
        try (Session after = SERVER.session("postgres");
                Session session = server().session("inserting")) {
            after.execute("CREATE TABLE public.cancelled (a int)");
            try (Session.Undo table = after.atTheEnd("DROP TABLE public.cancelled")) {
                assertInterrupted(() -> session.committed(transaction -> {
                    transaction.execute("INSERT INTO public.cancelled VALUES (1)");
                    cancellation.cancel();
                    return transaction.execute("INSERT INTO public.cancelled VALUES (2)");
                }));

                assertThat(session.isClosed()).isTrue();
                assertThat(after.number("SELECT count(*) FROM public.cancelled"))
                        .isZero();
            }
        }
    }

    @Test
    void aCancelledScopeBreaksOffWhatItsThreadsAreAtAndNothingElse() throws Exception {
        Server server = server();
        try (Cancellation.Scope scope = cancellation.scope();
                Session gate = gate();
                Session inside = server.session("waiting in a scope");
                Session outside = server.session("waiting outside of it")) {
            CompletableFuture<Long> waiting = atWork(inside, () -> in(scope, () -> pass(inside)));
            CompletableFuture<Long> other = atWork(outside, () -> pass(outside));

            scope.cancellation().cancel();

            assertInterrupted(() -> await(waiting));
            assertThat(inside.isClosed()).isTrue();
            assertThat(other).isNotDone();
            open(gate);
            assertThat(await(other)).isEqualTo(1);
            assertThat(outside.number("SELECT 2")).isEqualTo(2);
            assertInterrupted(() -> in(scope, () -> outside.number("SELECT 3")));
            assertThat(outside.isClosed()).isTrue();
            try (Session later = server.session("working after the scope")) {
                assertThat(later.number("SELECT 4")).isEqualTo(4);
            }
        }
    }

    @Test
    void nobodyDisturbsWhatPutsThingsRight() throws Exception {
        Server server = server();
        try (Cancellation.Scope scope = cancellation.scope();
                Session gate = gate();
                Session plain = server.session("waiting");
                Session undisturbed = server.undisturbed().session("putting things right")) {
            CompletableFuture<Long> waiting = atWork(plain, () -> in(scope, () -> pass(plain)));
            CompletableFuture<Long> cleaning = atWork(undisturbed, () -> in(scope, () -> pass(undisturbed)));

            cancellation.cancel();

            assertInterrupted(() -> await(waiting));
            assertThat(cleaning).isNotDone();
            open(gate);
            assertThat(await(cleaning)).isEqualTo(1);
            // What fails then was refused, and not broken off.
            assertThatThrownBy(() -> undisturbed.number("SELECT 1 / 0"))
                    .isInstanceOfSatisfying(
                            SqlFailure.class,
                            failure -> assertThat(failure.state()).isEqualTo("22012"));
            assertThat(undisturbed.<Long>committed(transaction -> transaction.number("SELECT 2")))
                    .isEqualTo(2);
            try (Session late = server.undisturbed().session("putting more things right")) {
                assertThat(late.number("SELECT 3")).isEqualTo(3);
            }
            try (Session late = server.session("working on")) {
                assertInterrupted(() -> late.number("SELECT 4"));
            }
        }
    }

    @Test
    void aServerThatCannotBeReachedIsNoRefusedStatement() throws SQLException {
        Server server = server();
        assertThatThrownBy(() -> server.session(new DatabaseName("not there"), "reading"))
                .isInstanceOf(PgconvoyException.class)
                .isNotInstanceOf(SqlFailure.class)
                .hasMessageStartingWith("cannot connect to ")
                .satisfies(failure -> assertThat(SqlState.state(failure)).isEqualTo("3D000"))
                .satisfies(failure -> assertThat(
                                Failure.of((PgconvoyException) failure).sqlState())
                        .contains("3D000"));

        try (TestDatabases databases = TestDatabases.on(SERVER)) {
            DatabaseName closed = new DatabaseName(databases.create("nobodys"));
            SERVER.sql("postgres", "CREATE ROLE guest LOGIN", "REVOKE CONNECT ON DATABASE " + closed + " FROM PUBLIC");
            try {
                Endpoint guest = SERVER.endpoint(Side.TARGET, "guest");
                Ddl ddl = new Ddl(Server.connect(guest, "pgconvoy test"));
                assertThatThrownBy(() -> ddl.committed(closed, "dropping something", session -> session.execute("")))
                        .hasMessageStartingWith("cannot connect to ")
                        .satisfies(failure ->
                                assertThat(((PgconvoyException) failure).hint()).isNotEqualTo(Ddl.PRIVILEGE_HINT));
            } finally {
                SERVER.sql("postgres", "DROP ROLE guest");
            }
        }
    }

    private Server server() {
        return Server.connect(SERVER.endpoint("postgres"), "pgconvoy test", cancellation);
    }

    /** A session that lets nobody pass. */
    private static Session gate() {
        Session gate = SERVER.session("postgres");
        gate.execute("SELECT pg_advisory_lock(" + GATE + ")");
        return gate;
    }

    private static void open(Session gate) {
        gate.execute("SELECT pg_advisory_unlock(" + GATE + ")");
    }

    private static long pass(Session session) {
        return session.number("SELECT 1 FROM pg_advisory_lock_shared(" + GATE + ")");
    }

    private static <T> T in(Cancellation.Scope scope, Supplier<T> work) {
        AtomicReference<T> result = new AtomicReference<>();
        scope.run(() -> result.set(work.get()));
        return result.get();
    }

    /** Begins something in another thread that waits at the gate; it does when this returns. */
    private static <T> CompletableFuture<T> atWork(Session session, Supplier<T> work) throws InterruptedException {
        long process = session.number("SELECT pg_backend_pid()");
        CompletableFuture<T> future = CompletableFuture.supplyAsync(work, task -> new Thread(task).start());
        try (Session looking = SERVER.session("postgres")) {
            while (!looking.flag(
                    "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND pid = ?)",
                    process)) {
                assertThat(future).isNotDone();
                Thread.sleep(20);
            }
        }
        return future;
    }

    private static <T> T await(CompletableFuture<T> future) throws Exception {
        try {
            return future.get(30, TimeUnit.SECONDS);
        } catch (ExecutionException failure) {
            if (failure.getCause() instanceof RuntimeException thrown) {
                throw thrown;
            }
            throw failure;
        }
    }

    private static void assertInterrupted(ThrowingCallable work) {
        assertThatThrownBy(work)
                .isInstanceOfSatisfying(
                        PgconvoyException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(ErrorKind.INTERRUPTED));
    }
}
