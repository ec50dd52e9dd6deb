package io.pgconvoy.postgres.toc;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ArchiveTocTest {
    /** As pg_restore 15 printed it. A newline in a name is printed as a blank, and makes no line of its own. */
    private static final List<String> LIST = """
            ;
            ; Archive created at 2026-11-20 22:14:03 UTC
            ;     dbname: shop
            ;     TOC Entries: 28
            ;     Format: DIRECTORY
            ;
            ;
            ; Selected TOC Entries:
            ;
            3361; 1262 16384 DATABASE - shop postgres
            5; 2615 2200 SCHEMA - public pg_database_owner
            215; 1259 16390 TABLE public orders app
            216; 1259 16396 TABLE public 1; 1259 99 TABLE DATA app
            3355; 0 16390 TABLE DATA public orders app
            3356; 0 16396 TABLE DATA public TABLE DATA app
            3362; 0 0 SEQUENCE SET public orders_id_seq app
            3199; 2606 4294967295 CONSTRAINT public orders orders_pkey app
            """.lines().toList();

    @Test
    void numbersItsEntries() {
        ArchiveToc toc = ArchiveToc.parse(LIST);

        assertThat(toc.entry(215)).contains(new TocEntry(215, 1259, 16390, "TABLE public orders app"));
        assertThat(toc.entry(3199)).map(TocEntry::objectOid).contains(4_294_967_295L);
        assertThat(toc.entry(1)).isEmpty();
    }

    @Test
    void countsTheTablesThatHaveData() {
        assertThat(ArchiveToc.parse(LIST).tableDataEntries()).isEqualTo(2);
    }

    @Test
    void takesAnEmptyList() {
        assertThat(ArchiveToc.parse(List.of(";", "")).tableDataEntries()).isZero();
    }

    /** As pg_restore 15 and 18 print it; the boundary between two sections (3426) is no entry. */
    private static final List<String> VERBOSE = """
            ; Selected TOC Entries:
            ;
            6; 2615 16385 SCHEMA - s postgres
            212; 1259 16387 TABLE s big postgres
            ;\tdepends on: 6
            215; 1259 16423 MATERIALIZED VIEW s ;\tdepends on: 6 postgres
            ;\tdepends on: 212 212 6
            3222; 1259 16397 INDEX s big_a postgres
            ;\tdepends on: 212
            3441; 0 0 COMMENT s INDEX big_a postgres
            ;\tdepends on: 3222
            3400; 0 16423 MATERIALIZED VIEW DATA s m postgres
            ;\tdepends on: 215 3426
            """.lines().toList();

    @Test
    void knowsWhatNeedsWhat() {
        ArchiveToc toc = ArchiveToc.parse(VERBOSE);

        assertThat(toc.dependents(toc.find(1259, 16397)))
                .extracting(TocEntry::dumpId)
                .containsExactly(3441);
        assertThat(toc.dependents(toc.find(2615, 16385)))
                .extracting(TocEntry::dumpId)
                .containsExactlyInAnyOrder(212, 215, 3222, 3441, 3400);
        assertThat(toc.dependents(toc.find(0, 16423))).isEmpty();
    }

    @Test
    void findsAnObjectsEntries() {
        ArchiveToc toc = ArchiveToc.parse(VERBOSE);

        assertThat(toc.find(0, 16423)).extracting(TocEntry::dumpId).containsExactly(3400);
        assertThat(toc.find(2606, 16423)).isEmpty();
        assertThat(toc.entries()).extracting(TocEntry::dumpId).containsExactly(6, 212, 215, 3222, 3441, 3400);
    }
}
