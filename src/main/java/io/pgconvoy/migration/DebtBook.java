package io.pgconvoy.migration;

import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.model.Failure;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.survey.RunMessages;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was changed on a server for the time of a run only, and has to be put right whatever happens. Each debt is settled by
 * itself, in the order in which they were added, so that neither a failure nor a bug of one keeps the others from that. For
 * one thread.
 */
final class DebtBook {
    private static final Logger log = LoggerFactory.getLogger(DebtBook.class);

    /**
     * One debt.
     *
     * @param what its settling, as in "reverting the target's tuning"
     * @param settle puts it right, and tells what was done
     * @param words what is told where that fails
     * @param signal what whoever stops the run is to be told of it, once it is {@linkplain #incur incurred}
     */
    record Debt(
            String what,
            BooleanSupplier isOwed,
            Runnable settle,
            UnaryOperator<Failure> words,
            Optional<Cancellation.Debt> signal) {
        Debt(String what, BooleanSupplier isOwed, Runnable settle) {
            this(what, isOwed, settle, UnaryOperator.identity(), Optional.empty());
        }

        /** One that is looked for by its settling. */
        Debt(String what, Runnable settle) {
            this(what, () -> true, settle);
        }
    }

    private final Cancellation cancellation;
    private final List<Debt> debts = new ArrayList<>();

    DebtBook(Cancellation cancellation) {
        this.cancellation = cancellation;
    }

    DebtBook add(Debt debt) {
        debts.add(debt);
        return this;
    }

    /** To be called before something is changed for which a debt was added: from now on it is told of by a signal. */
    void incur(Debt debt) {
        debt.signal().ifPresent(cancellation::owe);
    }

    /** Settles what earlier runs owe; throws the first failure when all was tried. */
    void settleEarlier() {
        List<PgconvoyException> failures = new ArrayList<>();
        debts.forEach(debt -> settle(debt).ifPresent(failures::add));
        if (!failures.isEmpty()) {
            PgconvoyException first = failures.get(0);
            failures.stream().filter(further -> further != first).forEach(first::addSuppressed);
            throw first;
        }
    }

    /** Settles what this run owes, and tells what fails; returns the first failure. */
    Optional<PgconvoyException> settle(RunMessages messages) {
        // The interrupt that ended the work must not end what puts things right.
        Thread.interrupted();
        Optional<PgconvoyException> first = Optional.empty();
        for (Debt debt : debts) {
            Optional<PgconvoyException> failure = settle(debt);
            debt.signal().ifPresent(cancellation::settled);
            failure.ifPresent(told -> messages.error(debt.words().apply(Failure.of(told))));
            first = first.or(() -> failure);
        }
        return first;
    }

    private static Optional<PgconvoyException> settle(Debt debt) {
        try {
            if (debt.isOwed().getAsBoolean()) {
                debt.settle().run();
            }
            return Optional.empty();
        } catch (PgconvoyException failure) {
            return Optional.of(failure);
        } catch (RuntimeException bug) {
            log.error("{}: a bug in pgconvoy", debt.what(), bug);
            return Optional.of(new PgconvoyException(
                    ErrorKind.JOURNAL,
                    debt.what() + " failed by a bug in pgconvoy: " + bug,
                    "Run the same command again, or pgconvoy revert-tuning and pgconvoy close-databases.",
                    bug));
        }
    }
}
