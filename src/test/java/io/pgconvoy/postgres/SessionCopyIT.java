package io.pgconvoy.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgconvoy.testing.EmbeddedServer;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a session does with many rows, and within a transaction that goes on. */
class SessionCopyIT {
    private final IllegalStateException cause = new IllegalStateException("no");
    private final Session session = EmbeddedServer.shared("18").session("postgres");

    @BeforeEach
    void makeTable() {
        session.execute("CREATE TEMPORARY TABLE t (a int)");
    }

    @AfterEach
    void close() {
        session.close();
    }

    @Test
    void givesEachRowThatIsCopiedOut() {
        List<String> rows = new ArrayList<>();

        assertThat(session.copyOut(
                        "COPY (SELECT generate_series(1, 3)) TO STDOUT",
                        row -> rows.add(new String(row, StandardCharsets.UTF_8))))
                .isEqualTo(3);

        assertThat(rows).containsExactly("1\n", "2\n", "3\n");
        assertThat(session.number("SELECT 1")).isEqualTo(1);
    }

    @Test
    void isOfFurtherUseWhereTheServerFailsACopyAndNotWhereTheTakerDoes() {
        assertThatThrownBy(() -> session.copyOut("COPY nowhere TO STDOUT", row -> {}))
                .isInstanceOf(SqlFailure.class);
        assertThat(session.number("SELECT 1")).isEqualTo(1);

        List<byte[]> rows = new ArrayList<>();
        assertThatThrownBy(() -> session.copyOut(
                        "COPY (SELECT 1 / (20000 - g) FROM generate_series(1, 30000) AS g) TO STDOUT", rows::add))
                .isInstanceOf(SqlFailure.class)
                .hasMessageContaining("division by zero");
        assertThat(rows).isNotEmpty();
        assertThat(session.number("SELECT 1")).isEqualTo(1);

        assertThatThrownBy(() -> session.copyOut("COPY (SELECT generate_series(1, 3)) TO STDOUT", row -> {
                    throw cause;
                }))
                .isSameAs(cause);
        assertThat(session.isClosed()).isTrue();
    }

    @Test
    void copiesAStreamIn() {
        // More than one message to the server holds.
        byte[] rows = "4711\n".repeat(100_000).getBytes(StandardCharsets.UTF_8);

        assertThat(session.copyIn("COPY t FROM STDIN", new ByteArrayInputStream(rows)))
                .isEqualTo(100_000);

        assertThat(session.number("SELECT count(*) FROM t WHERE a = 4711")).isEqualTo(100_000);
    }

    @Test
    void copiesNothingInWhereTheStreamOrTheServerFails() {
        InputStream broken = new FilterInputStream(stream("")) {
            @Override
            public int read(byte[] buffer, int from, int length) {
                throw cause;
            }
        };
        assertThatThrownBy(() -> session.copyIn("COPY t FROM STDIN", new SequenceInputStream(stream("1\n"), broken)))
                .isSameAs(cause);
        assertThatThrownBy(() -> session.copyIn("COPY t FROM STDIN", stream("1\none\n")))
                .isInstanceOfSatisfying(
                        SqlFailure.class, failure -> assertThat(failure.state()).isEqualTo("22P02"));

        assertThat(session.number("SELECT count(*) FROM t")).isZero();
    }

    private static InputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void undoesWithinATransactionWhatFailedAndWhatIsToBeUndone() {
        session.committed(transaction -> {
            transaction.kept(inside -> inside.execute("INSERT INTO t VALUES (1)"));
            assertThat(transaction.<Long>undone(inside -> {
                        inside.execute("INSERT INTO t VALUES (2)");
                        assertThatThrownBy(
                                        () -> inside.kept(within -> within.execute("INSERT INTO nowhere VALUES (3)")))
                                .isInstanceOf(SqlFailure.class);
                        return inside.number("SELECT count(*) FROM t");
                    }))
                    .isEqualTo(2);
            assertThatThrownBy(() -> transaction.kept(inside -> {
                        inside.execute("INSERT INTO t VALUES (4)");
                        throw cause;
                    }))
                    .isSameAs(cause);
            return transaction.execute("INSERT INTO t VALUES (5)");
        });

        assertThat(session.list("SELECT a FROM t ORDER BY a", row -> row.getInt(1)))
                .containsExactly(1, 5);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2000, 4001})
    void takesEachRowOfABigAnswerOnce(int rows) {
        List<Long> taken = new ArrayList<>();

        session.rolledBack(transaction -> {
            for (int time = 0; time < 2; time++) {
                transaction.eachInPortions(
                        "SELECT g FROM generate_series(1, " + rows + ") AS g ORDER BY g",
                        row -> taken.add(row.getLong(1)));
            }
            return rows;
        });

        assertThat(taken).hasSize(2 * rows);
        assertThat(taken.subList(rows, 2 * rows)).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void whatIsPutBackAtTheEndHidesNoEarlierFailure() {
        try (Session.Undo back = session.atTheEnd("SET lock_timeout = 0")) {
            session.execute("SET lock_timeout = 1000");
        }
        assertThat(session.text("SHOW lock_timeout")).contains("0");

        assertThatThrownBy(() -> {
                    try (Session.Undo back = session.atTheEnd("SET nowhere = 0")) {
                        session.number("SELECT 1 / 0");
                    }
                })
                .isInstanceOfSatisfying(SqlFailure.class, failure -> {
                    assertThat(failure.state()).isEqualTo("22012");
                    assertThat(failure.getSuppressed()[0]).hasMessageContaining("nowhere");
                });
        assertThatThrownBy(() -> session.atTheEnd("SET nowhere = 0").close()).isInstanceOf(SqlFailure.class);
    }
}
