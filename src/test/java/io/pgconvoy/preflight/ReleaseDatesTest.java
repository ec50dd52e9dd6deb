package io.pgconvoy.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.preflight.server.ReleaseDates;
import java.time.LocalDate;
import org.junit.jupiter.api.Test;

class ReleaseDatesTest {
    @Test
    void minorReleasesOfOneDayShareIt() {
        assertThat(date(140024)).isEqualTo(date(180006)).isEqualTo(LocalDate.of(2026, 8, 13));
        assertThat(date(150020)).isEqualTo(ReleaseDates.NOVEMBER_2026).isAfter(date(180006));
        assertThat(date(180005)).isEqualTo(date(180004));
    }

    @Test
    void laterOnesFollowEachQuarter() {
        assertThat(date(150021)).isEqualTo(LocalDate.of(2027, 2, 12));
        assertThat(date(190000)).isAfterOrEqualTo(date(180006)).isBefore(ReleaseDates.NOVEMBER_2026);
        assertThat(date(190001)).isAfterOrEqualTo(ReleaseDates.NOVEMBER_2026);
        assertThat(date(200000)).isAfter(date(190001));
    }

    @Test
    void olderOnesAreOlderThanAllThatAreListed() {
        assertThat(date(90624)).isEqualTo(date(180000)).isBefore(date(130023));
        assertThat(ReleaseDates.isListed(new ServerVersion(90503))).isFalse();
        assertThat(ReleaseDates.isListed(new ServerVersion(130023))).isTrue();
    }

    private static LocalDate date(int number) {
        return ReleaseDates.of(new ServerVersion(number));
    }
}
