package io.pgconvoy.postgres.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.postgres.toc.ArchiveToc;
import io.pgconvoy.postgres.toc.TocEntry;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RestoreOutputTest {
    private static final ArchiveToc TOC = ArchiveToc.parse("""
            220; 1259 16387 TABLE public new line postgres
            3526; 0 16387 TABLE DATA public new line postgres
            3527; 0 16395 TABLE DATA public child app
            3377; 2606 16394 CONSTRAINT public new line new line_pkey postgres
            3378; 2606 16398 FK CONSTRAINT public child child_id_fkey app
            """.lines().toList());

    /** What pg_restore 18 said with --jobs=2 --verbose where a table of that name was there already. */
    private static final String TABLE_EXISTS = """
            pg_restore: connecting to database for restore
            pg_restore: executing SELECT pg_catalog.set_config('search_path', '', false);
            pg_restore: processing item 221 TABLE child
            pg_restore: creating TABLE "public.child"
            pg_restore: processing item 220 TABLE new
            line
            pg_restore: creating TABLE "public.new
            line"
            pg_restore: while PROCESSING TOC:
            pg_restore: from TOC entry 220; 1259 16387 TABLE new
            line postgres
            pg_restore: error: could not execute query: ERROR:  relation "new
            line" already exists
            Command was: CREATE TABLE public."new
            line" (
                id integer NOT NULL,
                t text
            );


            pg_restore: processing item 3535 COMMENT TABLE "new
            line"
            pg_restore: entering main parallel loop
            pg_restore: launching item 3526 TABLE DATA new
            line
            pg_restore: processing data for table "public.new
            line"
            pg_restore: from TOC entry 3526; 0 16387 TABLE DATA new
            line postgres
            pg_restore: error: could not execute query: ERROR:  column "t" of relation "new
            line" does not exist
            Command was: COPY public."new
            line" (id, t) FROM stdin;
            pg_restore: finished item 3526 TABLE DATA new
            line
            pg_restore: launching item 3377 CONSTRAINT new
            line new
            line_pkey
            pg_restore: from TOC entry 3377; 2606 16394 CONSTRAINT new
            line new
            line_pkey postgres
            pg_restore: error: could not execute query: ERROR:  could not create unique index "new
            line_pkey"
            DETAIL:  Key (id)=(1) is duplicated.
            Command was: ALTER TABLE ONLY public."new
            line"
                ADD CONSTRAINT "new
            line_pkey" PRIMARY KEY (id);


            pg_restore: finished item 3377 CONSTRAINT new
            line new
            line_pkey
            pg_restore: finished item 3527 TABLE DATA child
            pg_restore: finished main parallel loop
            pg_restore: warning: errors ignored on restore: 7
            """;

    private final AtomicInteger tablesDone = new AtomicInteger();
    private final RestoreOutput output = new RestoreOutput(TOC, tablesDone::incrementAndGet);

    @Test
    void countsATableOfASingleJobWhenTheNextOneBegins() {
        read("""
                pg_restore: creating TABLE "public.a"
                pg_restore: processing data for table "public.a"
                pg_restore: processing data for table "public.b"
                pg_restore: processing data for table "public.c"
                """);

        assertThat(tablesDone).hasValue(2);
    }

    @Test
    void givesEachErrorItsEntryMessageAndWholeCommand() {
        read(TABLE_EXISTS);

        assertThat(output.errors())
                .containsExactly(
                        new RestoreError(
                                "TABLE public new line postgres",
                                "could not execute query: ERROR:  relation \"new / line\" already exists",
                                "CREATE TABLE public.\"new\nline\" (\n    id integer NOT NULL,\n    t text\n);"),
                        new RestoreError(
                                "TABLE DATA public new line postgres",
                                "could not execute query: ERROR:  column \"t\" of relation \"new / line\" does not exist",
                                "COPY public.\"new\nline\" (id, t) FROM stdin;"),
                        new RestoreError(
                                "CONSTRAINT public new line new line_pkey postgres",
                                "could not execute query: ERROR:  could not create unique index \"new / line_pkey\""
                                        + " / DETAIL:  Key (id)=(1) is duplicated.",
                                "ALTER TABLE ONLY public.\"new\nline\"\n    ADD CONSTRAINT \"new\nline_pkey\""
                                        + " PRIMARY KEY (id);"));
    }

    @Test
    void countsTheTablesWhoseDataIsThrough() {
        read(TABLE_EXISTS);

        assertThat(tablesDone).hasValue(2);
    }

    @Test
    void tellsErrorsGoneOnFromApartFromABreak() {
        assertThat(output.reachedTheEnd(0)).isTrue();

        read("pg_restore: error: connection to server at \"127.0.0.1\", port 5432 failed: FATAL:  no such database\n");
        assertThat(output.reachedTheEnd(1)).isFalse();

        read("pg_restore: warning: errors ignored on restore: 1\n");
        assertThat(output.reachedTheEnd(1)).isTrue();
    }

    @Test
    void triesFailedPrivilegesAgainAndTheViewsThatNeedThem() {
        RestoreOutput restored = new RestoreOutput(
                ArchiveToc.parse(List.of(
                        "9; 0 0 ACL - SCHEMA s postgres",
                        "4; 0 0 ACL s TABLE t postgres",
                        "7; 1259 16384 MATERIALIZED VIEW DATA s m postgres",
                        "5; 1259 16385 TABLE s t postgres")),
                () -> {});
        for (int entry : List.of(5, 7, 4)) {
            restored.line("pg_restore: from TOC entry " + entry + "; 0 0 SOMETHING");
            restored.line("pg_restore: error: could not execute query: ERROR:  permission denied");
        }

        assertThat(restored.toTryAgain()).extracting(TocEntry::dumpId).containsExactly(4, 7);
        assertThat(restored.errors()).hasSize(3);
    }

    /** Two workers name their entries, then their errors. */
    @Test
    void givesAnErrorOfLoadingTheEntryThatItNames() {
        RestoreOutput restored = read(
                List.of(
                        "1; 0 16384 TABLE DATA public no child postgres",
                        "2; 0 16385 TABLE DATA public once \"good postgres",
                        "3; 0 16386 MATERIALIZED VIEW DATA s a view postgres",
                        "4; 0 0 INDEX s i postgres"),
                """
                pg_restore: from TOC entry 2; 0 16385 TABLE DATA once "good postgres
                pg_restore: from TOC entry 1; 0 16384 TABLE DATA no child postgres
                pg_restore: error: could not execute query: ERROR:  relation "public.no child" does not exist
                Command was: COPY "public"."no child" ("a") FROM stdin;
                pg_restore: error: COPY failed for table "once "good": ERROR:  new row violates check constraint "c"
                DETAIL:  Failing row contains (1).
                pg_restore: from TOC entry 3; 0 16386 MATERIALIZED VIEW DATA a view postgres
                pg_restore: from TOC entry 4; 0 0 INDEX i postgres
                pg_restore: error: could not execute query: ERROR:  division by zero
                Command was: REFRESH MATERIALIZED VIEW "s"."a
                view";
                pg_restore: error: could not execute query: ERROR:  division by zero
                Command was: CREATE INDEX "i" ON "s"."t" ((1 / "a"));
                """);

        assertThat(restored.errors())
                .extracting(RestoreError::entry)
                .containsExactly(
                        "TABLE DATA public no child postgres",
                        "TABLE DATA public once \"good postgres",
                        "MATERIALIZED VIEW DATA s a view postgres",
                        "INDEX s i postgres");
    }

    @Test
    void triesAllPrivilegesAgainThatWereNamedForAnError() {
        RestoreOutput restored = read(List.of("4; 0 0 ACL s TABLE t postgres", "9; 0 0 ACL - SCHEMA s postgres"), """
                pg_restore: from TOC entry 4; 0 0 ACL TABLE t postgres
                pg_restore: from TOC entry 9; 0 0 ACL SCHEMA s postgres
                pg_restore: error: could not execute query: ERROR:  permission denied for schema s
                pg_restore: error: could not execute query: ERROR:  permission denied for schema s
                """);

        assertThat(restored.toTryAgain()).extracting(TocEntry::dumpId).containsExactly(4, 9);
    }

    @Test
    void triesAllAgainThatFailedWhereWorkersWereInEachOthersWay() {
        RestoreOutput restored = read(
                List.of(
                        "7; 1259 16384 INDEX s i postgres",
                        "4; 1259 16385 INDEX s other postgres",
                        "9; 0 0 INDEX ATTACH s i postgres"),
                """
                pg_restore: from TOC entry 9; 0 0 INDEX ATTACH i postgres
                pg_restore: error: could not execute query: ERROR:  relation "s.i" does not exist
                pg_restore: from TOC entry 7; 1259 16384 INDEX i postgres
                pg_restore: error: could not execute query: ERROR:  deadlock detected
                DETAIL:  Process 1 waits for ShareUpdateExclusiveLock on relation 2 of database 3; blocked by process 4.
                """);

        assertThat(restored.isDeadlocked()).isTrue();
        assertThat(restored.toTryAgain()).extracting(TocEntry::dumpId).containsExactly(7, 9);
    }

    @Test
    void triesNothingAgainWhereNoPrivilegeFailed() {
        read(TABLE_EXISTS);

        assertThat(output.toTryAgain()).isEmpty();
    }

    @Test
    void readsAnErrorOutsideOfAnyEntry() {
        read("pg_restore: error: could not open input file \"archive/toc.dat\": No such file or directory\n");

        assertThat(output.errors())
                .containsExactly(new RestoreError(
                        "", "could not open input file \"archive/toc.dat\": No such file or directory", ""));
    }

    @Test
    void namesAnEntryThatTheListDoesNotHave() {
        read("""
                pg_restore: from TOC entry 99; 1255 16386 FUNCTION f(integer) app
                pg_restore: error: could not execute query: ERROR:  type "abstime" does not exist
                """);

        assertThat(output.errors())
                .singleElement()
                .hasToString(
                        "FUNCTION f(integer) app: could not execute query: ERROR:  type \"abstime\" does not exist");
    }

    @Test
    void cutsAHugeCommandOff() {
        read("pg_restore: error: could not execute query: ERROR:  x\nCommand was: CREATE VIEW v AS\n"
                + "    SELECT 1 UNION ALL\n".repeat(100_000));

        assertThat(output.errors().get(0).command()).hasSizeLessThan(2100);
    }

    @Test
    void losesNoErrorToWhatACommandSays() {
        read("""
                pg_restore: from TOC entry 220; 1259 16387 TABLE new
                pg_restore: error: could not execute query: ERROR:  permission denied for schema public
                Command was: COMMENT ON TABLE public.t IS 'first
                pg_restore: from TOC entry 1; 2 3 COMMENT - EXTENSION plpgsql
                pg_restore: warning: errors ignored on restore: 0
                last';
                """);

        assertThat(output.errors())
                .singleElement()
                .satisfies(error -> assertThat(error.harmlessBecause()).isEmpty());
    }

    /** What was said about an archive with these entries. */
    private static RestoreOutput read(List<String> entries, String lines) {
        RestoreOutput said = new RestoreOutput(ArchiveToc.parse(entries), () -> {});
        lines.lines().forEach(said::line);
        return said;
    }

    private void read(String text) {
        List<String> lines = text.lines().toList();
        lines.forEach(output::line);
    }
}
