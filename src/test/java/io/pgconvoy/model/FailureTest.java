package io.pgconvoy.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FailureTest {
    /** As a server's answer, or a tool's. */
    private static final class Told extends Exception implements Failure.Details {
        private static final long serialVersionUID = 1;

        @Override
        public Optional<String> sqlState() {
            return Optional.of("23505");
        }

        @Override
        public Optional<String> object() {
            return Optional.of("constraint t_pkey of table public.t");
        }
    }

    @Test
    void takesWhatTheDeepestCauseTells() {
        RuntimeException between = new IllegalStateException(new Told());
        Failure failure = Failure.of(new PgconvoyException(ErrorKind.TARGET, "it failed", "Repair it.", between));
        assertThat(failure.kind()).contains(ErrorKind.TARGET);
        assertThat(failure.sqlState()).contains("23505");
        assertThat(failure.object()).contains("constraint t_pkey of table public.t");
        assertThat(failure.line()).isEqualTo("it failed -- Repair it.");
    }

    @Test
    void knowsNoMoreThanItIsTold() {
        Failure failure = Failure.of(new PgconvoyException(ErrorKind.SOURCE, "it failed", ""));
        assertThat(failure.sqlState()).isEmpty();
        assertThat(failure.object()).isEmpty();
        assertThat(failure.line()).isEqualTo("it failed");
    }

    @Test
    void isOfNoKindWhereItIsABug() {
        assertThat(Failure.ofBug(new IllegalStateException("oops")).kind()).isEmpty();
    }

    @Test
    void keepsItsCodeInOtherWords() {
        Failure failure = Failure.of(new PgconvoyException(ErrorKind.TARGET, "a", "b", new Told()))
                .saying("the target is gone", "");
        assertThat(failure.line()).isEqualTo("the target is gone");
        assertThat(failure.sqlState()).contains("23505");
    }
}
