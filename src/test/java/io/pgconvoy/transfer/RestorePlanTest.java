package io.pgconvoy.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.journal.DeferralMarkers.Deferred;
import io.pgconvoy.journal.DeferralMarkers.DeferredConstraint;
import io.pgconvoy.journal.DeferralMarkers.DeferredForeignKey;
import io.pgconvoy.journal.DeferralMarkers.DeferredIndex;
import io.pgconvoy.journal.DeferralMarkers.DeferredTable;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.toc.ArchiveToc;
import io.pgconvoy.postgres.toc.TocEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RestorePlanTest {
    private static final ArchiveToc TOC = ArchiveToc.parse("""
            5; 2615 100 SCHEMA - s postgres
            10; 1259 101 TABLE s big postgres
            ;\tdepends on: 5
            11; 1259 102 TABLE s small postgres
            ;\tdepends on: 5
            12; 1259 103 TABLE s parted postgres
            ;\tdepends on: 5
            13; 1259 104 MATERIALIZED VIEW s m postgres
            ;\tdepends on: 10
            14; 1259 105 MATERIALIZED VIEW s other postgres
            ;\tdepends on: 11
            20; 0 101 TABLE DATA s big postgres
            ;\tdepends on: 10
            21; 0 102 TABLE DATA s small postgres
            ;\tdepends on: 11
            49; 2606 206 CHECK CONSTRAINT s big second postgres
            ;\tdepends on: 10
            30; 2606 201 CHECK CONSTRAINT s big odd postgres
            ;\tdepends on: 10
            31; 0 0 COMMENT s CONSTRAINT odd ON big postgres
            ;\tdepends on: 30
            32; 2606 202 CONSTRAINT s big big_pkey postgres
            ;\tdepends on: 10
            33; 1259 110 INDEX s parted_i postgres
            ;\tdepends on: 12
            34; 1259 111 INDEX s big_i postgres
            ;\tdepends on: 10 33
            35; 1259 112 INDEX s big_u postgres
            ;\tdepends on: 10
            36; 0 0 COMMENT s INDEX big_i postgres
            ;\tdepends on: 34
            37; 0 0 INDEX ATTACH s big_i postgres
            ;\tdepends on: 34 33
            40; 2606 203 FK CONSTRAINT s small to_key postgres
            ;\tdepends on: 11 32
            41; 2606 204 FK CONSTRAINT s small to_unique_index postgres
            ;\tdepends on: 11 35
            42; 2606 205 FK CONSTRAINT s parted from_parted postgres
            ;\tdepends on: 12 32
            43; 0 0 COMMENT s CONSTRAINT to_key ON small postgres
            ;\tdepends on: 40
            44; 0 0 COMMENT s CONSTRAINT to_unique_index ON small postgres
            ;\tdepends on: 41
            45; 0 105 MATERIALIZED VIEW DATA s other postgres
            ;\tdepends on: 14 3426
            46; 0 104 MATERIALIZED VIEW DATA s m postgres
            ;\tdepends on: 13 3426
            47; 0 106 MATERIALIZED VIEW DATA s on_m postgres
            ;\tdepends on: 46 3426
            """.lines().toList());

    private static final Deferred DEFERRED = new Deferred(
            "shop",
            "UTF8",
            List.of(new DeferredTable(101, "s", "big", 1000, List.of("id"), false)),
            List.of(index(112, "big_u"), index(111, "big_i"), index(999, "of an extension")),
            List.of(
                    key(203, "small", "to_key", false),
                    key(204, "small", "to_unique_index", false),
                    key(205, "parted", "from_parted", true),
                    key(998, "other", "of an extension", false)),
            List.of(
                    new DeferredConstraint(201, "s", "big", "odd", false),
                    new DeferredConstraint(206, "s", "big", "second", false),
                    new DeferredConstraint(997, "s", "big", "inherited", false)),
            List.of(104L, 996L),
            List.of());

    private static DeferredIndex index(long oid, String name) {
        return new DeferredIndex(oid, 101, "s", name, 10, "CREATE INDEX", Optional.empty(), List.of());
    }

    private static DeferredForeignKey key(long oid, String table, String name, boolean partitioned) {
        return new DeferredForeignKey(oid, "s", table, name, partitioned, "FOREIGN KEY", true);
    }

    @Test
    void whatWaitsForTheDataIsLeftOutWithAllThatNeedsIt() {
        RestorePlan plan = RestorePlan.of(TOC, DEFERRED, ServerVersion.V18);

        assertThat(ids(plan.regular())).containsExactly(5, 10, 11, 12, 13, 14, 21, 32, 33, 45);
        assertThat(ids(plan.replaced())).containsExactly(20, 40, 42);
        assertThat(plan.foreignKeysNotValid())
                .extracting(DeferredForeignKey::name)
                .containsExactly("to_key", "from_parted");
        assertThat(ids(plan.foreignKeyDependents())).containsExactly(43);
        assertThat(plan.constraints()).extracting(one -> one.entry().dumpId()).containsExactly(49, 30);
        assertThat(ids(plan.constraintDependents())).containsExactly(31);
        assertThat(plan.indexes()).extracting(one -> one.entry().dumpId()).containsExactlyInAnyOrder(34, 35);
        assertThat(plan.indexes()).extracting(RestorePlan.IndexEntry::table).containsOnly("\"s\".\"big\"");
        assertThat(ids(plan.afterIndexes())).containsExactly(36, 37);
        assertThat(plan.foreignKeysAfter())
                .extracting(one -> one.entry().dumpId())
                .containsExactly(41);
        assertThat(ids(plan.foreignKeyAfterDependents())).containsExactly(44);
        assertThat(ids(plan.materializedViewData())).containsExactly(46, 47);
    }

    @Test
    void aPartitionedTablesKeyCannotBeNotValidBefore18() {
        RestorePlan plan = RestorePlan.of(TOC, DEFERRED, ServerVersion.V17);

        assertThat(plan.foreignKeysNotValid())
                .extracting(DeferredForeignKey::name)
                .containsExactly("to_key");
        assertThat(plan.foreignKeysAfter())
                .extracting(one -> one.entry().dumpId())
                .containsExactly(41, 42);
    }

    @Test
    void eachEntryHasExactlyOneTime() {
        for (ServerVersion target : List.of(ServerVersion.V9_6, ServerVersion.V18)) {
            RestorePlan plan = RestorePlan.of(TOC, DEFERRED, target);

            assertThat(allEntries(plan)).containsExactlyInAnyOrderElementsOf(TOC.entries());
        }
    }

    @Test
    void withoutDeferredTablesEverythingIsRegular() {
        Deferred nothing =
                new Deferred("shop", "UTF8", List.of(), List.of(), List.of(), List.of(), List.of(), List.of());

        assertThat(RestorePlan.of(TOC, nothing, ServerVersion.V18).regular()).isEqualTo(TOC.entries());
    }

    /** The entries of all lists. */
    static List<TocEntry> allEntries(RestorePlan plan) {
        List<TocEntry> entries = new ArrayList<>(plan.regular());
        entries.addAll(plan.replaced());
        entries.addAll(plan.foreignKeyDependents());
        plan.constraints().forEach(one -> entries.add(one.entry()));
        entries.addAll(plan.constraintDependents());
        plan.indexes().forEach(one -> entries.add(one.entry()));
        entries.addAll(plan.afterIndexes());
        plan.foreignKeysAfter().forEach(one -> entries.add(one.entry()));
        entries.addAll(plan.foreignKeyAfterDependents());
        entries.addAll(plan.materializedViewData());
        return entries;
    }

    private static List<Integer> ids(List<TocEntry> entries) {
        return entries.stream().map(TocEntry::dumpId).toList();
    }
}
