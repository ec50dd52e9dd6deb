package io.pgconvoy.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.DeferralMarkers.DeferredTable;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.transfer.PartLoad.Loaded;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Triggers that are enabled in unusual ways, in a load. */
class TriggerDisablingIT {
    private static final String STATES = "SELECT tgname || ' ' || tgenabled::text FROM pg_trigger t"
            + " JOIN pg_class c ON c.oid = tgrelid WHERE relname IN ('big', 'leaf') AND NOT tgisinternal ORDER BY 1";

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"9.6", "14", "18"})
    void noTriggerFiresForTheLoadAndAllAreAsTheyWereAfterwards(String version) throws Exception {
        try (LoadScene scene = scene(version)) {
            scene.sql(
                    "CREATE TABLE big (id integer PRIMARY KEY)",
                    "CREATE TABLE seen (name text)",
                    "CREATE FUNCTION log() RETURNS trigger LANGUAGE plpgsql AS"
                            + " 'BEGIN INSERT INTO public.seen VALUES (TG_NAME); RETURN NEW; END'");
            for (String name : new String[] {"always \"1\"", "replica", "plain", "off"}) {
                scene.sql("CREATE TRIGGER \"" + name.replace("\"", "\"\"")
                        + "\" AFTER INSERT ON big FOR EACH ROW EXECUTE PROCEDURE log()");
            }
            scene.sql(
                    "ALTER TABLE big ENABLE ALWAYS TRIGGER \"always \"\"1\"\"\"",
                    "ALTER TABLE big ENABLE REPLICA TRIGGER replica",
                    "ALTER TABLE big DISABLE TRIGGER off");
            DeferredTable big = scene.table("big", false, "id");
            scene.trigger(big, "always \"1\"", "A");
            scene.trigger(big, "replica", "R");
            scene.trigger(big, "gone", "A");
            scene.part(big, "SELECT generate_series(1, 3)");
            TriggerDisabling disabling = new TriggerDisabling(scene.server());

            disabling.disable(scene.database(), scene.deferred());
            disabling.disable(scene.database(), scene.deferred());
            assertThat(scene.column(STATES)).containsExactly("always \"1\" O", "off D", "plain O", "replica D");
            scene.sql("INSERT INTO big VALUES (100)");
            assertThat(scene.load().failures()).isEmpty();

            assertThat(scene.column("SELECT name FROM seen ORDER BY 1")).containsExactly("always \"1\"", "plain");
            assertThat(disabling.restore(scene.database(), scene.deferred()))
                    .singleElement()
                    .asString()
                    .contains("trigger gone of table public.big");
            disabling.restore(scene.database(), scene.deferred());
            assertThat(scene.column(STATES)).containsExactly("always \"1\" A", "off D", "plain O", "replica R");
        }
    }

    @Test
    void mutesTheTriggersThatALeafHasFromItsParent() throws Exception {
        try (LoadScene scene = scene("18")) {
            scene.sql(
                    "CREATE TABLE parent (id integer) PARTITION BY RANGE (id)",
                    "CREATE TABLE leaf PARTITION OF parent FOR VALUES FROM (0) TO (100)",
                    "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no''; END'",
                    "CREATE TRIGGER always AFTER INSERT ON parent FOR EACH ROW EXECUTE FUNCTION no()",
                    "ALTER TABLE parent ENABLE ALWAYS TRIGGER always");
            DeferredTable leaf = scene.table("leaf", false, "id");
            scene.trigger(leaf, "always", "A");
            scene.part(leaf, "SELECT 1");
            TriggerDisabling disabling = new TriggerDisabling(scene.server());

            disabling.disable(scene.database(), scene.deferred());
            assertThat(scene.load().failures()).isEmpty();
            assertThat(disabling.restore(scene.database(), scene.deferred())).isEmpty();

            assertThat(scene.value("SELECT count(*) FROM parent")).isEqualTo("1");
            assertThat(scene.column(STATES)).containsExactly("always A");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"9.6", "18"})
    void deferrableConstraintsAreCheckedForTheLoadToo(String version) throws Exception {
        try (LoadScene scene = scene(version)) {
            scene.sql(
                    "CREATE TABLE big (id integer PRIMARY KEY DEFERRABLE INITIALLY DEFERRED,"
                            + " other integer UNIQUE DEFERRABLE,"
                            + " span int4range, EXCLUDE USING gist (span WITH &&) DEFERRABLE)",
                    "INSERT INTO big VALUES (1, 101, '[201,202)'), (2, 202, '[302,303)'), (3, 303, '[403,404)')");
            DeferredTable big = scene.table("big", false, "id", "other", "span");
            scene.part(big, "SELECT 1, 1, '[1,2)'");
            scene.part(big, "SELECT 4, 202, '[2,3)'");
            scene.part(big, "SELECT 5, 5, '[403,405)'");
            scene.part(big, "SELECT 6, 6, '[6,7)'");
            TriggerDisabling disabling = new TriggerDisabling(scene.server());
            disabling.disable(scene.database(), scene.deferred());

            Loaded loaded = scene.load();

            assertThat(loaded.rows()).isEqualTo(1);
            assertThat(loaded.failures())
                    .extracting(PgconvoyException::getMessage)
                    .hasSize(3)
                    .anySatisfy(message -> assertThat(message).contains("part 1", "Key (id)=(1) already exists"))
                    .anySatisfy(message -> assertThat(message).contains("part 2", "Key (other)=(202) already exists"))
                    .anySatisfy(message -> assertThat(message).contains("part 3", "Key (span)=([403,405)) conflicts"));
            assertThat(disabling.restore(scene.database(), scene.deferred())).isEmpty();
            assertThat(scene.value("SELECT string_agg(DISTINCT tgenabled::text, '') FROM pg_trigger"))
                    .isEqualTo("O");
            assertThat(scene.value("SELECT count(*) FROM big")).isEqualTo("4");
        }
    }

    @Test
    void givesUpWhereATransactionStaysInTheWay() throws Exception {
        try (LoadScene scene = scene("18");
                Connection client = scene.connect();
                Statement statement = client.createStatement()) {
            scene.sql(
                    "CREATE TABLE big (id integer)",
                    "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
                    "CREATE TRIGGER always AFTER INSERT ON big FOR EACH ROW EXECUTE FUNCTION no()",
                    "ALTER TABLE big ENABLE ALWAYS TRIGGER always");
            scene.trigger(scene.table("big", false, "id"), "always", "A");
            statement.execute("BEGIN");
            statement.execute("INSERT INTO big VALUES (1)");

            TriggerDisabling hasty = new TriggerDisabling(scene.server(), Duration.ZERO);
            assertThatThrownBy(() -> hasty.disable(scene.database(), scene.deferred()))
                    .isInstanceOfSatisfying(PgconvoyException.class, failure -> {
                        assertThat(failure)
                                .hasMessageContainingAll("triggers of table public.big", "other transaction");
                        assertThat(failure.hint()).contains("pg_stat_activity");
                    });
            statement.execute("ROLLBACK");
            hasty.disable(scene.database(), scene.deferred());
            assertThat(scene.column(STATES)).containsExactly("always O");
        }
    }

    private LoadScene scene(String version) throws SQLException {
        assumeTrue(EmbeddedServer.available(version));
        return new LoadScene(EmbeddedServer.shared(version), folder);
    }
}
