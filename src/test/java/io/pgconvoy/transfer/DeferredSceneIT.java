package io.pgconvoy.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.journal.DeferralMarkers.DeferredConstraint;
import io.pgconvoy.journal.DeferralMarkers.DeferredForeignKey;
import io.pgconvoy.journal.DeferralMarkers.DeferredIndex;
import io.pgconvoy.journal.DeferralMarkers.DeferredTrigger;
import io.pgconvoy.testing.Quote;
import java.nio.file.Path;
import java.util.regex.Matcher;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is around deferred tables arrives after them as it is on the source. */
class DeferredSceneIT {
    private static final String NASTY = "we\"ird\nna;me \\ $x %s {d} ü";
    private static final String QUOTED = Quote.identifier(NASTY);

    private static final String SHOP =
            """
            CREATE SCHEMA Q;
            CREATE DOMAIN Q.d AS integer;
            CREATE TABLE Q.base (b integer);
            CREATE TABLE Q.Q (id serial PRIMARY KEY, a integer NOT NULL, t text UNIQUE, u integer, up integer
                REFERENCES Q.Q DEFERRABLE INITIALLY DEFERRED, d Q.d, EXCLUDE USING btree (id WITH =)) INHERITS (Q.base);
            BEGIN;
            INSERT INTO Q.Q (a, t, u, up, b, d) SELECT i, 't' || i, i, 1, -i, i FROM generate_series(1, 300) i;
            COMMIT;
            CREATE INDEX a_i ON Q.Q (a); CREATE INDEX QI ON Q.Q (a DESC) WITH (fillfactor = 70);
            CREATE INDEX e_i ON Q.Q ((a + 1), lower(t)) WHERE a > 3;
            CREATE INDEX j_i ON Q.Q ((jsonb '{"a": 1}' ? t)) WHERE t <> '{d ?}';
            CREATE UNIQUE INDEX u_i ON Q.Q (u); CREATE UNIQUE INDEX r_i ON Q.Q (a, id);
            ALTER TABLE Q.Q CLUSTER ON a_i; ALTER TABLE Q.Q REPLICA IDENTITY USING INDEX r_i;
            COMMENT ON INDEX Q.QI IS 'index'; COMMENT ON INDEX Q.r_i IS 'identity';
            ALTER TABLE Q.base ADD CONSTRAINT Q CHECK (b > 0) NOT VALID;
            ALTER TABLE Q.Q ADD CONSTRAINT odd CHECK (a % 2 = 0) NOT VALID;
            ALTER DOMAIN Q.d ADD CONSTRAINT small CHECK (VALUE < 9) NOT VALID;
            COMMENT ON CONSTRAINT odd ON Q.Q IS 'odd';
            CREATE TABLE Q.small (id integer PRIMARY KEY, n integer CONSTRAINT Q REFERENCES Q.Q ON DELETE CASCADE,
                u integer CONSTRAINT to_unique_index REFERENCES Q.Q (u));
            INSERT INTO Q.small VALUES (1, 1, 1), (2, 2, 2);
            ALTER TABLE Q.Q ADD CONSTRAINT outward FOREIGN KEY (up) REFERENCES Q.small;
            ALTER TABLE Q.small ADD CONSTRAINT old FOREIGN KEY (n) REFERENCES Q.Q (id) NOT VALID;
            COMMENT ON CONSTRAINT Q ON Q.small IS 'key'; COMMENT ON CONSTRAINT to_unique_index ON Q.small IS 'after';
            CREATE VIEW Q.v AS SELECT a, b FROM Q.base LEFT JOIN Q.small ON true LEFT JOIN Q.Q USING (b);
            CREATE MATERIALIZED VIEW Q.m1 AS SELECT max(a) AS a FROM Q.v; CREATE INDEX m_i ON Q.m1 (a);
            CREATE VIEW Q.v2 AS SELECT a FROM Q.m1; CREATE MATERIALIZED VIEW Q.m2 AS SELECT a FROM Q.v2;
            CREATE MATERIALIZED VIEW Q.other AS SELECT * FROM Q.small;
            CREATE MATERIALIZED VIEW Q.empty AS SELECT * FROM Q.m2 WITH NO DATA;
            CREATE FUNCTION Q.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
            CREATE TRIGGER Q BEFORE INSERT ON Q.Q FOR EACH ROW EXECUTE PROCEDURE Q.f();
            CREATE TRIGGER usual BEFORE INSERT ON Q.Q FOR EACH ROW EXECUTE PROCEDURE Q.f();
            ALTER TABLE Q.Q ENABLE ALWAYS TRIGGER Q;
            """.replace("QI", Quote.identifier(NASTY + "_i")).replaceAll("\\bQ\\b", Matcher.quoteReplacement(QUOTED));

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"9.6, false", "14, false", "14, true"})
    void everythingArrives(String version, boolean concurrent) throws Exception {
        try (Scene scene = new Scene(version, folder)) {
            scene.onSource(SHOP);
            if (version.equals("14")) {
                scene.onSource("ALTER INDEX " + QUOTED + ".e_i ALTER COLUMN 1 SET STATISTICS 77");
            }
            RestorePlan plan = scene.dump("c.relname = " + Quote.literal(NASTY));

            assertEachEntryIsInOneList(scene, plan);
            assertThat(scene.deferred().indexes())
                    .extracting(DeferredIndex::name)
                    .containsExactlyInAnyOrder("a_i", NASTY + "_i", "e_i", "j_i", "u_i", "r_i");
            assertThat(scene.deferred().foreignKeys())
                    .extracting(DeferredForeignKey::name)
                    .contains(NASTY, "to_unique_index", "outward", "old")
                    .hasSize(5);
            assertThat(scene.deferred().constraints())
                    .extracting(DeferredConstraint::name)
                    .contains("odd", "small", NASTY);
            assertThat(scene.deferred().materializedViews()).hasSize(2);
            assertThat(scene.deferred().triggers())
                    .extracting(DeferredTrigger::name)
                    .containsExactly(NASTY);
            assertThat(plan.foreignKeysAfter())
                    .extracting(one -> one.key().name())
                    .containsExactly("to_unique_index");

            assertThat(scene.restoreRegular(plan)).isEmpty();

            assertThat(scene.ask("SELECT count(*) FROM " + QUOTED + "." + QUOTED))
                    .containsExactly("0");
            assertThat(scene.ask("SELECT nextval(" + Quote.literal(QUOTED + "." + Quote.identifier(NASTY + "_id_seq"))
                            + ")"))
                    .containsExactly("301");
            assertThat(scene.ask(Objects.POPULATED))
                    .filteredOn(line -> line.endsWith("true"))
                    .hasSize(1);
            assertThat(scene.ask("SELECT conname FROM pg_constraint WHERE contype = 'f' AND convalidated"))
                    .isEmpty();

            scene.load();
            assertThat(scene.finish(plan, concurrent)).isEmpty();
            assertThat(scene.finish(plan, !concurrent)).as("again").isEmpty();

            boolean partitions = version.equals("14");
            assertThat(scene.ask(Objects.INDEXES)).isEqualTo(scene.askSource(Objects.INDEXES));
            assertThat(scene.ask(Objects.STATISTICS_TARGETS)).isEqualTo(scene.askSource(Objects.STATISTICS_TARGETS));
            assertThat(scene.ask(Objects.constraints(true)))
                    .isEqualTo(scene.askSource(Objects.constraints(partitions)));
            assertThat(scene.ask(Objects.POPULATED)).isEqualTo(scene.askSource(Objects.POPULATED));
            String view = "SELECT a FROM " + QUOTED + ".m2";
            assertThat(scene.ask(view)).isEqualTo(scene.askSource(view));
        }
    }

    @ParameterizedTest
    @CsvSource({"false, false", "true, true"})
    void partitionsIndexesAreAttachedInTheEnd(boolean concurrent, boolean all) throws Exception {
        try (Scene scene = new Scene("14", folder)) {
            scene.onSource("""
                    CREATE TABLE k (id integer PRIMARY KEY); INSERT INTO k SELECT generate_series(0, 199);
                    CREATE TABLE p (id integer PRIMARY KEY, r integer REFERENCES k, t text) PARTITION BY RANGE (id);
                    CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (100);
                    CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (100) TO (200) PARTITION BY RANGE (id);
                    CREATE TABLE p21 PARTITION OF p2 FOR VALUES FROM (100) TO (150);
                    CREATE TABLE p22 PARTITION OF p2 FOR VALUES FROM (150) TO (200);
                    CREATE INDEX p_r ON p (r); CREATE UNIQUE INDEX p_u ON p (id, r); CREATE INDEX own ON p21 (t);
                    COMMENT ON INDEX p21_r_idx IS 'leaf';
                    INSERT INTO p SELECT i, 199 - i, i FROM generate_series(0, 199) i;
                    CREATE TABLE s (a integer, b integer, p integer REFERENCES p,
                        FOREIGN KEY (a, b) REFERENCES p (id, r));
                    INSERT INTO s VALUES (7, 192, 120);
                    """);
            RestorePlan plan = scene.dump(all ? "c.relname ~ '^p'" : "c.relname = 'p21'");

            assertEachEntryIsInOneList(scene, plan);
            assertThat(scene.restoreRegular(plan)).isEmpty();
            assertThat(scene.ask("SELECT indisvalid FROM pg_index WHERE indexrelid = 'p_r'::regclass"))
                    .containsExactly("f");
            scene.load();
            assertThat(scene.finish(plan, concurrent)).isEmpty();
            assertThat(scene.finish(plan, concurrent)).as("again").isEmpty();

            assertThat(scene.ask(Objects.INDEXES)).isEqualTo(scene.askSource(Objects.INDEXES));
            assertThat(scene.ask(Objects.INHERITED_INDEXES)).isEqualTo(scene.askSource(Objects.INHERITED_INDEXES));
            assertThat(scene.ask(Objects.constraints(true))).isEqualTo(scene.askSource(Objects.constraints(true)));
        }
    }

    private static void assertEachEntryIsInOneList(Scene scene, RestorePlan plan) {
        assertThat(RestorePlanTest.allEntries(plan))
                .containsExactlyInAnyOrderElementsOf(scene.toc().entries());
    }
}
