package io.pgconvoy.testing;

/** Databases whose encoding or settings get in the way of their own restore. */
final class FleetLegacy {
    private FleetLegacy() {}

    static void latin1(Script script) {
        script.add("""
                CREATE TABLE "Größe" ("Maß" integer PRIMARY KEY, "Name" text);
                INSERT INTO "Größe" SELECT i, 'Übergröße ' || i || ' é' FROM generate_series(1, 100) i;
                COMMENT ON TABLE "Größe" IS 'in Latin 1: ÄÖÜ';
                """);
    }

    /** Bytes that are no text in any one encoding. */
    static void sqlAscii(Script script) {
        script.add("""
                CREATE TABLE mixed (id integer PRIMARY KEY, t text);
                INSERT INTO mixed VALUES (1, chr(233) || chr(252)), (2, 'é'), (3, 'plain'),
                    (4, chr(255) || chr(92) || chr(195));
                """);
    }

    static void touchy(Script script) {
        script.add("""
                CREATE SCHEMA hidden;
                CREATE TABLE hidden.t (id integer PRIMARY KEY, f double precision, d date, b bytea, iv interval);
                INSERT INTO hidden.t SELECT i, i / 3.0, date '2020-01-01' + i, decode(md5(i::text), 'hex'),
                    i * interval '1 hour' FROM generate_series(1, 200) i;
                """);
    }

    /** Settings that a migration must neither be tripped by nor lose. */
    static void touchyFinish(Script script) {
        script.add("""
                ALTER DATABASE touchy SET role = 'Report Reader';
                ALTER DATABASE touchy SET search_path = hidden;
                ALTER DATABASE touchy SET DateStyle = 'SQL, DMY';
                ALTER DATABASE touchy SET IntervalStyle = 'sql_standard';
                ALTER DATABASE touchy SET bytea_output = 'escape';
                ALTER DATABASE touchy SET extra_float_digits = -10;
                ALTER DATABASE touchy SET lock_timeout = '1ms';
                ALTER DATABASE touchy SET row_security = off;
                ALTER DATABASE touchy SET "app.motto" = 'it''s; "quoted"';
                ALTER DATABASE touchy SET default_transaction_isolation = serializable;
                ALTER DATABASE touchy SET standard_conforming_strings = off;
                """);
        // Settings that newer servers do not know.
        script.before(Script.V10, "ALTER DATABASE touchy SET sql_inheritance = on");
        script.before(Script.V12, "ALTER DATABASE touchy SET default_with_oids = off");
        script.before(Script.V14, "ALTER DATABASE touchy SET operator_precedence_warning = off");
        script.between(Script.V9_6, Script.V16, "ALTER DATABASE touchy SET force_parallel_mode = off");
    }

    static void readOnlyFinish(Script script) {
        script.add("ALTER DATABASE read_only SET default_transaction_read_only = on");
    }
}
