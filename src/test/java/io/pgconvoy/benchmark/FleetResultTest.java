package io.pgconvoy.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class FleetResultTest {
    private static final Contestant CONVOY = Contestant.of("convoy");
    private static final Contestant SCRIPT = Contestant.of("script");
    private static final Contestant DUMPALL = Contestant.of("dumpall");

    private final FleetResult result =
            FleetResult.of(Fleet.MANY, new Fleet.Size(1, 2), 2, 5 << 20, 2000, List.of(CONVOY, SCRIPT, DUMPALL));

    @Test
    void comparesMediansWithTheFastestPeer() {
        add(CONVOY, 3, 1, 2);
        add(SCRIPT, 4, 9, 5);
        add(DUMPALL, 8, 8, 8);

        assertThat(result.table().lines().map(line -> line.replaceAll(" +", " ")))
                .contains("convoy 2.00 1.00 3.00 0.40 0.5 - - 10 % 50 - all")
                .contains("script 5.00 4.00 9.00 1.00 0.5 - - 10 % 50 - all")
                .contains("dumpall 8.00 8.00 8.00 1.60 0.5 - - 10 % 50 - all");
        assertThat(result.hasFailures()).isFalse();
    }

    /** Half a move is fast: nobody is compared with it. */
    @Test
    void leavesOutWhoFailed() {
        add(CONVOY, 2);
        add(DUMPALL, 4);
        result.of(SCRIPT).measurements().add(lap(1).failed("many_1: rows of public.a: 0 of 500", List.of()));

        assertThat(result.table().lines().map(line -> line.replaceAll(" +", " ")))
                .contains("convoy 2.00 2.00 2.00 0.50 0.5 - - 10 % 50 - all")
                .contains("script - - - - 0.5 - - 10 % 50 - failed")
                .contains("script failed: many_1: rows of public.a: 0 of 500");
        assertThat(result.hasFailures()).isTrue();
        assertThat(contestant("script")).containsEntry("median_seconds", OptionalDouble.empty());
        assertThat(contestant("convoy")).containsEntry("ratio", OptionalDouble.of(0.5));
    }

    @Test
    void takesTheMiddleOfTwo() {
        add(CONVOY, 2, 5);

        assertThat(result.of(CONVOY).seconds()).hasValue(3.5);
    }

    @SuppressWarnings("unchecked")
    private Map<String, Object> contestant(String label) {
        return ((List<Map<String, Object>>) result.json().get("contestants"))
                .stream()
                        .filter(contestant -> contestant.get("contestant").equals(label))
                        .findFirst()
                        .orElseThrow();
    }

    private void add(Contestant contestant, double... seconds) {
        for (double each : seconds) {
            result.of(contestant).measurements().add(lap(each));
        }
    }

    private static Measurement lap(double seconds) {
        return new Measurement(
                seconds,
                OptionalDouble.empty(),
                OptionalDouble.of(0.5),
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                OptionalDouble.of(0.1),
                OptionalLong.of(50 << 20),
                OptionalLong.empty(),
                Optional.empty(),
                List.of());
    }
}
