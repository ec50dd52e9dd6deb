package io.pgconvoy.tuning;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.config.ByteSize;
import io.pgconvoy.tuning.TuningRequest.CrashSafety;
import io.pgconvoy.tuning.TuningState.Change;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TuningPlanTest {
    private static final TuningRequest ALL = new TuningRequest(
            Optional.of(ByteSize.ofMegabytes(500)), false, new CrashSafety(true, "the target holds nothing else"));

    @Test
    void raisesWhatIsThereAndNeverLowersIt() {
        Map<String, ServerSetting> settings = defaults();
        settings.put("checkpoint_timeout", number("checkpoint_timeout", "3600", "s", "86400"));
        settings.put("max_wal_size", number("max_wal_size", "256", "MB", "2147483647"));
        settings.put("checkpoint_completion_target", word("checkpoint_completion_target", "0.95"));

        TuningPlan plan = TuningPlan.of(ALL, settings, Map.of());

        assertThat(plan.changes())
                .contains(new Change("max_wal_size", Optional.empty(), "2GB", "256MB"))
                .extracting(Change::name)
                .doesNotContain("checkpoint_timeout", "checkpoint_completion_target");
        assertThat(plan.left())
                .contains(
                        "checkpoint_timeout: 60min, left as it is",
                        "checkpoint_completion_target: 0.95, left as it is");
    }

    @Test
    void countsAnOldServersWalSegments() {
        Map<String, ServerSetting> settings = defaults();
        settings.put("max_wal_size", number("max_wal_size", "64", "16MB", "2147483647"));

        assertThat(TuningPlan.of(ALL, settings, Map.of()).changes())
                .contains(new Change("max_wal_size", Optional.empty(), "8GB", "1GB"));
    }

    @Test
    void asksForNoMoreThanTheServerAccepts() {
        Map<String, ServerSetting> settings = defaults();
        settings.put("maintenance_work_mem", number("maintenance_work_mem", "65536", "kB", "200000"));

        assertThat(TuningPlan.of(ALL, settings, Map.of()).changes())
                .contains(new Change("maintenance_work_mem", Optional.empty(), "200000kB", "64MB"));
    }

    @Test
    void keepsCrashSafetyWhereOtherDatabasesDependOnIt() {
        TuningRequest careful =
                new TuningRequest(Optional.empty(), false, new CrashSafety(false, "the target also holds \"shop\""));

        TuningPlan plan = TuningPlan.of(careful, defaults(), Map.of());

        assertThat(plan.changes())
                .extracting(Change::name)
                .doesNotContain("fsync", "full_page_writes")
                .contains("synchronous_commit", "autovacuum");
        assertThat(plan.left())
                .contains(
                        "fsync: on, left as it is: the target also holds \"shop\"",
                        "full_page_writes: on, left as it is: the target also holds \"shop\"");
    }

    @Test
    void keepsCommitsDurableWhereClientsWriteMeanwhile() {
        TuningRequest shared =
                new TuningRequest(Optional.empty(), true, new CrashSafety(false, "clients write to opened databases"));

        assertThat(TuningPlan.of(shared, defaults(), Map.of()).changes())
                .extracting(Change::name)
                .doesNotContain("fsync", "full_page_writes", "synchronous_commit")
                .contains("autovacuum");
    }

    @Test
    void namesTheSettingThatIsGivenWhereAlterSystemDoesNotPrevail() {
        Map<String, ServerSetting> settings = defaults();
        settings.put(
                "fsync", new ServerSetting("fsync", "on", Optional.empty(), "command line", Optional.empty(), true));
        settings.put(
                "synchronous_commit",
                new ServerSetting(
                        "synchronous_commit", "on", Optional.empty(), "database user", Optional.empty(), true));

        TuningPlan plan = TuningPlan.of(ALL, settings, Map.of());

        assertThat(plan.changes()).extracting(Change::name).doesNotContain("fsync", "synchronous_commit");
        assertThat(plan.warnings())
                .anyMatch(line -> line.startsWith("fsync: not tuned") && line.contains("the server's command line"))
                .anyMatch(line ->
                        line.startsWith("synchronous_commit: not tuned") && line.contains("ALTER ROLE IN DATABASE"));
    }

    @Test
    void leavesAnEntryAloneThatTheServerWouldNotTakeAgain() {
        TuningPlan plan = TuningPlan.of(ALL, defaults(), Map.of("autovacuum", new AutoConf.Entry("perhaps", false)));

        assertThat(plan.changes()).extracting(Change::name).doesNotContain("autovacuum");
        assertThat(plan.warnings()).singleElement().asString().contains("autovacuum", "perhaps");
    }

    @Test
    void remembersTheEntryAsItStands() {
        TuningPlan plan = TuningPlan.of(ALL, defaults(), Map.of("max_wal_size", new AutoConf.Entry(" 1024 MB", true)));

        assertThat(plan.changes()).contains(new Change("max_wal_size", Optional.of(" 1024 MB"), "8GB", "1GB"));
    }

    private static Map<String, ServerSetting> defaults() {
        Map<String, ServerSetting> settings = new LinkedHashMap<>();
        for (String name : new String[] {"fsync", "full_page_writes", "synchronous_commit", "autovacuum"}) {
            settings.put(name, word(name, "on"));
        }
        settings.put("checkpoint_completion_target", word("checkpoint_completion_target", "0.5"));
        settings.put("checkpoint_timeout", number("checkpoint_timeout", "300", "s", "86400"));
        settings.put("max_wal_size", number("max_wal_size", "1024", "MB", "2147483647"));
        settings.put("maintenance_work_mem", number("maintenance_work_mem", "65536", "kB", "2147483647"));
        return settings;
    }

    private static ServerSetting word(String name, String value) {
        return new ServerSetting(name, value, Optional.empty(), "default", Optional.empty(), true);
    }

    private static ServerSetting number(String name, String value, String unit, String most) {
        return new ServerSetting(name, value, Optional.of(unit), "default", Optional.of(most), true);
    }
}
