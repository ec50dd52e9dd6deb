package io.pgconvoy.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.OptionalInt;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ParallelismRequestTest {
    @ParameterizedTest
    @CsvSource({
        "0, --dump-jobs",
        "1, --restore-jobs",
        "2, --max-parallel",
        "3, --dump-parallel",
        "4, --restore-parallel",
        "5, --verify-concurrency",
    })
    void namesTheOptionThatIsOutOfRange(int position, String option) {
        for (int wrong : new int[] {0, -1, 1001, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            assertThatThrownBy(() -> with(position, wrong)).isInstanceOfSatisfying(PgconvoyException.class, failure -> {
                assertThat(failure.kind()).isEqualTo(ErrorKind.USAGE);
                assertThat(failure).hasMessage(option + ": " + wrong + " is out of range");
                assertThat(failure.hint()).contains("from 1 to 1000");
            });
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 1000})
    void takesTheEndsOfTheRange(int value) {
        assertThat(with(2, value).maxParallel()).hasValue(value);
    }

    private static ParallelismRequest with(int position, int value) {
        OptionalInt[] all = new OptionalInt[6];
        java.util.Arrays.fill(all, OptionalInt.empty());
        all[position] = OptionalInt.of(value);
        return new ParallelismRequest(all[0], all[1], all[2], all[3], all[4], all[5]);
    }
}
