package io.pgconvoy.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.migration.DebtBook.Debt;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.survey.RunMessages;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Whatever fails, each debt is settled, and the first failure is the one that counts. */
class DebtBookTest {
    private final List<String> done = new ArrayList<>();
    private final RunMessages messages = new RunMessages(event -> {});
    private final Cancellation cancellation = new Cancellation();

    private Debt failing(String what, RuntimeException failure) {
        return new Debt(what, () -> {
            done.add(what);
            throw failure;
        });
    }

    private static PgconvoyException failure(String message) {
        return new PgconvoyException(ErrorKind.TARGET, message, "a hint");
    }

    @Test
    void eachIsSettledWhateverFailsBefore() {
        Optional<PgconvoyException> first = new DebtBook(cancellation)
                .add(failing("first", failure("one")))
                .add(failing("second", new IllegalStateException("two")))
                .add(new Debt("third", () -> done.add("third")))
                .settle(messages);

        assertThat(done).containsExactly("first", "second", "third");
        assertThat(first).hasValueSatisfying(failure -> assertThat(failure).hasMessage("one"));
        assertThat(messages.errors()).hasSize(2);
        assertThat(messages.errors().get(1).line()).contains("second failed by a bug");
    }

    @Test
    void theFirstFailureOfEarlierDebtsIsThrownWithTheOthers() {
        DebtBook book =
                new DebtBook(cancellation).add(failing("first", failure("one"))).add(failing("second", failure("two")));

        assertThatThrownBy(book::settleEarlier)
                .hasMessage("one")
                .satisfies(thrown -> assertThat(thrown.getSuppressed()).hasSize(1));
        assertThat(done).containsExactly("first", "second");
    }

    @Test
    void whatIsNotOwedIsLeftAlone() {
        new DebtBook(cancellation)
                .add(new Debt("nothing", () -> false, () -> done.add("nothing")))
                .settle(messages);

        assertThat(done).isEmpty();
    }

    @Test
    void aSignalIsToldOfWhatIsOwedUntilThatIsSettled() {
        Cancellation.Debt words = new Cancellation.Debt("it is reverted", "it is left");
        Debt debt = new Debt(
                "reverting",
                () -> true,
                () -> assertThat(cancellation.debts()).containsExactly(words),
                failure -> failure,
                Optional.of(words));
        DebtBook book = new DebtBook(cancellation).add(debt);
        assertThat(cancellation.debts()).isEmpty();
        book.incur(debt);

        assertThat(book.settle(messages)).isEmpty();

        assertThat(cancellation.debts()).isEmpty();
    }
}
