package io.pgconvoy.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SessionSettingsTest {
    @ParameterizedTest
    @CsvSource({
        "90525,  false, false, false",
        "90624,  true,  false, false",
        "130022, true,  false, false",
        "140024, true,  true,  false",
        "170005, true,  true,  true",
        "180006, true,  true,  true",
    })
    void switchesOffEveryTimeoutThatTheVersionKnows(
            int version, boolean inTransaction, boolean idle, boolean transaction) {
        var settings = SessionSettings.of(new ServerVersion(version));

        assertThat(settings).containsEntry("statement_timeout", "0").containsEntry("lock_timeout", "0");
        assertThat(settings.containsKey("idle_in_transaction_session_timeout")).isEqualTo(inTransaction);
        assertThat(settings.containsKey("idle_session_timeout")).isEqualTo(idle);
        assertThat(settings.containsKey("transaction_timeout")).isEqualTo(transaction);
    }

    @Test
    void refusesToReadOnlySomeOfTheRows() {
        assertThat(SessionSettings.of(ServerVersion.V18)).containsEntry("row_security", "off");
    }

    @Test
    void writesAndReadsAmountsOfMoneyInOneForm() {
        assertThat(SessionSettings.asToolOptions(ServerVersion.V9_5, Map.of())).contains("-c lc_monetary=C");
    }

    @Test
    void escapesBlanksInOptions() {
        assertThat(SessionSettings.asOptions(ServerVersion.V18, Map.of()))
                .contains("-c default_transaction_isolation=read\\ committed -c ");
    }

    @Test
    void leavesSearchPathAndTimeZoneToTheTools() {
        assertThat(SessionSettings.asToolOptions(ServerVersion.V18, Map.of()))
                .contains("-c role=none")
                .contains("-c synchronous_commit=off")
                .doesNotContain("search_path")
                .doesNotContain("TimeZone");
    }

    @Test
    void toolsGetFurtherSettingsWhateverTheyHold() {
        assertThat(SessionSettings.asToolOptions(ServerVersion.V18, Map.of("default_tablespace", "a b\\c")))
                .endsWith(" -c default_tablespace=a\\ b\\\\c");
    }
}
