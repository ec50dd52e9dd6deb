package io.pgconvoy.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.pgconvoy.journal.DeferralMarkers.Deferred;
import io.pgconvoy.journal.DeferralMarkers.DeferredConstraint;
import io.pgconvoy.journal.DeferralMarkers.DeferredForeignKey;
import io.pgconvoy.journal.DeferralMarkers.DeferredIndex;
import io.pgconvoy.journal.DeferralMarkers.DeferredTable;
import io.pgconvoy.journal.DeferralMarkers.DeferredTrigger;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.testing.Quote;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeferredObjectReaderIT {
    @TempDir
    private Path folder;

    private static Deferred read(Scene scene, String... tables) throws SQLException {
        List<Long> oids = Stream.of(tables)
                .map(table -> {
                    try {
                        return Long.valueOf(
                                scene.askSource("SELECT " + Quote.literal(table) + "::regclass::oid::bigint")
                                        .get(0));
                    } catch (SQLException failure) {
                        throw new AssertionError(failure);
                    }
                })
                .toList();
        try (Session session = scene.sourceServer().session(scene.database, "test")) {
            return session.rolledBack(transaction -> DeferredObjectReader.read(
                    transaction,
                    "UTF8",
                    oids.stream()
                            .map(oid -> new DeferredTable(oid, "", "", 0, List.of(), false))
                            .toList()));
        }
    }

    private static List<String> names(Scene scene, List<Long> oids) throws SQLException {
        return scene.askSource("SELECT relname FROM pg_class WHERE oid = ANY ('{"
                + String.join(",", oids.stream().map(String::valueOf).toList()) + "}') ORDER BY 1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"9.5", "9.6", "14", "18"})
    void findsWhatStandsAroundATable(String version) throws Exception {
        try (Scene scene = new Scene(version, folder)) {
            scene.onSource("""
                    CREATE TABLE old (x integer); CREATE TABLE big (id integer PRIMARY KEY, "order" integer NOT NULL)
                        INHERITS (old);
                    CREATE TABLE unconcerned (id integer PRIMARY KEY REFERENCES big);
                    CREATE TABLE stranger (id integer REFERENCES unconcerned); CREATE INDEX ON stranger (id);
                    CREATE INDEX i ON big ("order"); CREATE UNIQUE INDEX r ON big ("order");
                    ALTER TABLE big CLUSTER ON big_pkey; ALTER TABLE big REPLICA IDENTITY USING INDEX r;
                    INSERT INTO big VALUES (1, 1, 1), (2, 2, 2);
                    ALTER TABLE old ADD CONSTRAINT inherited CHECK (x > 1) NOT VALID;
                    ALTER TABLE big ADD CONSTRAINT valid CHECK (x > 0);
                    ALTER TABLE stranger ADD CONSTRAINT elsewhere CHECK (id > 0) NOT VALID;
                    CREATE VIEW v AS SELECT x FROM old; CREATE MATERIALIZED VIEW m AS SELECT x FROM v;
                    CREATE MATERIALIZED VIEW mm AS SELECT count(*) FROM m; CREATE MATERIALIZED VIEW n AS SELECT 1;
                    CREATE MATERIALIZED VIEW later AS SELECT x FROM v WITH NO DATA;
                    """);

            Deferred objects = read(scene, "big");

            assertThat(objects.indexes()).extracting(DeferredIndex::name).containsExactlyInAnyOrder("i", "r");
            assertThat(objects.indexes()).allSatisfy(index -> {
                assertThat(index.bytes()).isPositive();
                assertThat(index.tablespace()).isEmpty();
                assertThat(index.definition())
                        .isEqualTo("CREATE " + (index.name().equals("r") ? "UNIQUE " : "") + "INDEX \"" + index.name()
                                + "\" ON \"public\".\"big\" USING \"btree\" (\"order\")");
            });
            assertThat(objects.indexes())
                    .filteredOn(index -> index.name().equals("r"))
                    .flatExtracting(DeferredIndex::properties)
                    .containsExactly("ALTER TABLE \"public\".\"big\" REPLICA IDENTITY USING INDEX \"r\"");
            assertThat(objects.foreignKeys())
                    .extracting(DeferredForeignKey::table, DeferredForeignKey::definition)
                    .containsExactly(
                            tuple("unconcerned", "FOREIGN KEY (\"id\") REFERENCES \"public\".\"big\"(\"id\")"));
            // The second is the table's own copy, for which the archive has no entry.
            assertThat(objects.constraints())
                    .extracting(DeferredConstraint::owner, DeferredConstraint::name)
                    .containsExactlyInAnyOrder(tuple("old", "inherited"), tuple("big", "inherited"));
            assertThat(names(scene, objects.materializedViews())).containsExactly("m", "mm");
            assertThat(objects.triggers()).isEmpty();
        }
    }

    @Test
    void findsWhatPartitionsHaveFromTheirParents() throws Exception {
        try (Scene scene = new Scene("14", folder)) {
            scene.onSource("""
                    CREATE TABLE p (id integer, a integer, PRIMARY KEY (id)) PARTITION BY RANGE (id);
                    CREATE TABLE q PARTITION OF p FOR VALUES FROM (0) TO (100) PARTITION BY RANGE (id);
                    CREATE TABLE leaf PARTITION OF q FOR VALUES FROM (0) TO (50);
                    CREATE TABLE other PARTITION OF q FOR VALUES FROM (50) TO (100);
                    CREATE INDEX i ON p ((id + 1)); ALTER INDEX leaf_expr_idx ALTER COLUMN 1 SET STATISTICS 9;
                    CREATE TABLE s (id integer REFERENCES p); ALTER TABLE p ADD FOREIGN KEY (a) REFERENCES p;
                    CREATE TABLE t (id integer REFERENCES other);
                    CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
                    CREATE TRIGGER always BEFORE INSERT ON p FOR EACH ROW EXECUTE FUNCTION f();
                    CREATE TRIGGER usual BEFORE INSERT ON p FOR EACH ROW EXECUTE FUNCTION f();
                    ALTER TABLE leaf ENABLE ALWAYS TRIGGER always;
                    CREATE FUNCTION rows() RETURNS bigint LANGUAGE sql RETURN (SELECT count(*) FROM p);
                    CREATE MATERIALIZED VIEW m AS SELECT rows();
                    """);

            Deferred objects = read(scene, "leaf");

            assertThat(objects.indexes()).singleElement().satisfies(index -> {
                assertThat(index.name()).isEqualTo("leaf_expr_idx");
                assertThat(index.properties())
                        .containsExactly("ALTER INDEX \"public\".\"leaf_expr_idx\" ALTER COLUMN 1 SET STATISTICS 9");
            });
            assertThat(objects.foreignKeys())
                    .extracting(DeferredForeignKey::table, DeferredForeignKey::partitioned)
                    .containsExactly(tuple("p", true), tuple("s", false));
            assertThat(names(scene, objects.materializedViews())).containsExactly("m");
            assertThat(objects.triggers()).extracting(DeferredTrigger::name).containsExactly("always");
        }
    }
}
