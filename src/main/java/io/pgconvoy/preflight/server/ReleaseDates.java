package io.pgconvoy.preflight.server;

import io.pgconvoy.postgres.ServerVersion;
import java.time.LocalDate;
import java.time.Month;
import java.time.YearMonth;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * When a version was released. All supported major versions get their minor releases on one day each quarter, so versions
 * of the same day hold the same corrections.
 *
 * @see <a href="https://www.postgresql.org/support/versioning/">Versioning Policy</a>, which has the release dates
 */
public final class ReleaseDates {
    /** The first minor releases whose servers keep {@code pg_attver} with every column, and whose pg_dump leaves it out. */
    public static final LocalDate NOVEMBER_2026 = LocalDate.of(2026, 11, 12);

    private static final int NEWEST_LISTED = 18;

    /** The minor releases that came together; what is older counts as of the day before the first. */
    private static final List<Round> ROUNDS = List.of(
            new Round(LocalDate.of(2025, 11, 13), Map.of(13, 23, 14, 20, 15, 15, 16, 11, 17, 7, 18, 1)),
            new Round(LocalDate.of(2026, 2, 12), Map.of(14, 21, 15, 16, 16, 12, 17, 8, 18, 2)),
            new Round(LocalDate.of(2026, 2, 26), Map.of(14, 22, 15, 17, 16, 13, 17, 9, 18, 3)),
            new Round(LocalDate.of(2026, 5, 14), Map.of(14, 23, 15, 18, 16, 14, 17, 10, 18, 4)),
            new Round(LocalDate.of(2026, 8, 13), Map.of(14, 24, 15, 19, 16, 15, 17, 11, 18, 6)),
            new Round(NOVEMBER_2026, Map.of(14, 25, 15, 20, 16, 16, 17, 12, 18, 7)));

    private record Round(LocalDate date, Map<Integer, Integer> minors) {}

    private ReleaseDates() {}

    /** The day of a version's release; for those after the listed ones by the rule of four releases a year. */
    public static LocalDate of(ServerVersion version) {
        int major = version.major() / 100;
        int minor = version.number() % 10000;
        if (major > NEWEST_LISTED) {
            // A new major version each autumn, before the minor releases of November.
            return LocalDate.of(2026, Month.AUGUST, 13)
                    .plusYears(major - NEWEST_LISTED - 1L)
                    .plusMonths(3L * minor);
        }
        LocalDate date = ROUNDS.get(0).date().minusDays(1);
        for (Round round : ROUNDS) {
            Integer known = round.minors().get(major);
            if (known != null && minor >= known) {
                boolean last = round.date().equals(NOVEMBER_2026);
                date = last ? round.date().plusMonths(3L * (minor - known)) : round.date();
            }
        }
        return date;
    }

    /** Whether the day is known well enough to be told. */
    public static boolean isListed(ServerVersion version) {
        return !of(version).isBefore(ROUNDS.get(0).date());
    }

    /** For people: {@code November 2026}. */
    public static String month(LocalDate date) {
        YearMonth month = YearMonth.from(date);
        return month.getMonth().getDisplayName(java.time.format.TextStyle.FULL, Locale.ENGLISH) + " " + month.getYear();
    }
}
