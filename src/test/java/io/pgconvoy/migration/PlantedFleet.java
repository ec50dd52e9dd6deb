package io.pgconvoy.migration;

import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.Quote;
import java.sql.SQLException;
import java.util.List;

/** A few small databases with something of most kinds, and changes to a copy of them that must each be found. */
final class PlantedFleet {
    /** Its name needs quoting everywhere. */
    static final String ODD = "it's \"odd\"\nname";

    private static final String ODD_TABLE = "\"a \"\"b\"\"\nc\"";

    private PlantedFleet() {}

    /**
     * One change on the target.
     *
     * @param database where it is made
     * @param place the database of which it is to be said; empty for the server
     * @param object as it is to be named
     * @param what how that which is said of it begins
     */
    record Planted(String database, String sql, String place, String object, String what) {}

    static void create(EmbeddedServer source) throws SQLException {
        source.sql(
                "postgres",
                "CREATE ROLE app LOGIN CONNECTION LIMIT 9",
                "CREATE ROLE team",
                "CREATE ROLE gone_role",
                "GRANT team TO app",
                "ALTER ROLE app SET work_mem = '7MB'",
                "CREATE DATABASE shop TEMPLATE template0",
                "CREATE DATABASE " + Quote.identifier(ODD) + " TEMPLATE template0",
                "CREATE DATABASE absent TEMPLATE template0",
                "CREATE DATABASE closed TEMPLATE template0",
                "ALTER DATABASE shop SET timezone = 'Europe/Rome'",
                "COMMENT ON DATABASE shop IS 'sells'");
        source.sql("absent", "CREATE TABLE t (i int)");
        source.sql("closed", "CREATE TABLE t (i int)");
        for (String table : List.of("item", "more", "less", "swapped", ODD_TABLE)) {
            source.sql(
                    "shop",
                    "CREATE TABLE " + table + " (id int PRIMARY KEY, price float8, note text)",
                    "INSERT INTO " + table + " SELECT i, i / 3.0, 'n' || i FROM generate_series(1, 500) i",
                    "ANALYZE " + table);
        }
        source.sql(
                "shop",
                "CREATE SEQUENCE number",
                "SELECT setval('number', 41)",
                "CREATE INDEX by_note ON item (note)",
                "CREATE TABLE keyless (v text)",
                "INSERT INTO keyless VALUES ('a'), ('b')",
                "CREATE TABLE line (item int CONSTRAINT line_item REFERENCES item, n int CONSTRAINT positive CHECK (n > 0))",
                "CREATE FUNCTION twice(i int) RETURNS int LANGUAGE sql AS 'SELECT 2 * i'",
                "CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
                "CREATE TRIGGER stamped BEFORE INSERT ON line FOR EACH ROW EXECUTE PROCEDURE stamp()",
                "CREATE VIEW cheap AS SELECT id FROM item WHERE price < 10",
                "CREATE MATERIALIZED VIEW sums AS SELECT sum(price) AS total FROM item",
                "CREATE TYPE state AS ENUM ('new', 'sold')",
                "CREATE DOMAIN word AS text CONSTRAINT short CHECK (length(VALUE) < 99)",
                "CREATE SCHEMA private AUTHORIZATION app",
                "CREATE RULE quiet AS ON DELETE TO keyless DO ALSO NOTHING",
                "ALTER TABLE item ENABLE ROW LEVEL SECURITY",
                "CREATE POLICY everybody ON item USING (true)",
                "GRANT SELECT ON item TO app",
                "COMMENT ON TABLE item IS 'what is sold'",
                "ALTER TABLE item ALTER note SET DEFAULT 'none', ALTER price SET STATISTICS 77",
                "ALTER DEFAULT PRIVILEGES FOR ROLE app GRANT SELECT ON TABLES TO team",
                "SELECT lo_create(7001), lo_create(7002)",
                "SELECT lo_put(7001, 0, 'contents'), lo_put(7002, 0, 'contents')");
        source.sql(
                ODD,
                "CREATE TABLE " + ODD_TABLE + " (id text PRIMARY KEY)",
                "INSERT INTO " + ODD_TABLE + " VALUES ('x')");
    }

    /** Differences in the numbers and contents of rows. */
    static List<Planted> rows() {
        return List.of(
                shop(
                        "INSERT INTO more VALUES (501, 1, 'new')",
                        "table public.more",
                        "has 500 rows on the source and 501"),
                shop("DELETE FROM less WHERE id = 7", "table public.less", "has 500 rows on the source and 499"));
    }

    /** Differences that only checksums tell. */
    static List<Planted> contents() {
        return List.of(
                shop(
                        "UPDATE item SET price = price + 1e-12 WHERE id = 11",
                        "table public.item",
                        "has the same number of rows, 500, but other contents: row id=11 differs in column price"),
                shop(
                        "DELETE FROM swapped WHERE id = 3; INSERT INTO swapped VALUES (999, 1, 'n3')",
                        "table public.swapped",
                        "has the same number of rows, 500, but other contents: row id="),
                shop(
                        "UPDATE " + ODD_TABLE + " SET note = NULL WHERE id = 5",
                        "table public.\"a \"\"b\"\"\\nc\"",
                        "has the same number of rows, 500, but other contents: row id=5 differs in column note"),
                shop(
                        "UPDATE keyless SET v = 'c' WHERE v = 'b'",
                        "table public.keyless",
                        "has the same number of rows, 2"),
                shop("SELECT lo_put(7001, 3, 'T')", "large object 7001", "has other contents on the target"),
                new Planted(
                        ODD,
                        "UPDATE " + ODD_TABLE + " SET id = 'y'",
                        ODD,
                        "table public.\"a \"\"b\"\"\\nc\"",
                        "has the same number of rows, 1, but other contents: row id="));
    }

    /** Differences in what is no row, found at every level. */
    static List<Planted> definitions() {
        return List.of(
                shop("SELECT setval('number', 42)", "sequence public.number", "last value is 41 on the source and 42"),
                shop("DROP INDEX by_note", "index public.by_note", "is missing on the target"),
                shop("CREATE INDEX surplus ON item (price)", "index public.surplus", "is on the target only"),
                shop("ALTER TABLE line DROP CONSTRAINT line_item", "constraint line_item on public.line", "is missing"),
                shop(
                        "ALTER TABLE line DROP CONSTRAINT positive, ADD CONSTRAINT positive CHECK (n > 0) NOT VALID",
                        "constraint positive on public.line",
                        "validated is yes on the source and no on the target"),
                shop("ALTER TABLE more OWNER TO app", "table public.more", "owner is postgres on the source and app"),
                shop("REVOKE SELECT ON item FROM app", "table public.item", "privilege SELECT to app is missing"),
                shop(
                        "GRANT INSERT ON less TO PUBLIC",
                        "table public.less",
                        "privilege INSERT to PUBLIC is on the target"),
                shop("COMMENT ON TABLE item IS 'x'", "table public.item", "comment is \"what is sold\" on the source"),
                shop(
                        "CREATE OR REPLACE FUNCTION twice(i int) RETURNS int LANGUAGE sql AS 'SELECT 3 * i'",
                        "function public.twice(integer)",
                        "source differs"),
                shop(
                        "ALTER TABLE line DISABLE TRIGGER stamped",
                        "trigger stamped on public.line",
                        "enabled is yes on the source and no on the target"),
                shop(
                        "ALTER TABLE item ALTER note DROP DEFAULT",
                        "column note of public.item",
                        "default is 'none'::text"),
                shop(
                        "ALTER TABLE item ALTER price SET STATISTICS 78",
                        "column price of public.item",
                        "statistics target is 77 on the source and 78"),
                shop("ALTER TABLE less ADD extra int", "column extra of public.less", "is on the target only"),
                shop(
                        "CREATE OR REPLACE VIEW cheap AS SELECT id FROM item WHERE price < 11",
                        "view public.cheap",
                        "definition "),
                shop(
                        "REFRESH MATERIALIZED VIEW sums WITH NO DATA",
                        "materialized view public.sums",
                        "populated is yes on the source and no on the target"),
                shop("ALTER TYPE state ADD VALUE 'lost'", "type public.state", "labels is"),
                shop("ALTER DOMAIN word DROP CONSTRAINT short", "constraint short on public.word", "is missing"),
                shop("ALTER SCHEMA private OWNER TO team", "schema private", "owner is app on the source and team"),
                shop("DROP RULE quiet ON keyless", "rule quiet on public.keyless", "is missing on the target"),
                shop("DROP POLICY everybody ON item", "policy everybody on public.item", "is missing on the target"),
                shop(
                        "ALTER DEFAULT PRIVILEGES FOR ROLE app REVOKE SELECT ON TABLES FROM team",
                        "default privileges of app on tables",
                        ""),
                shop("CREATE TABLE more_still (i int)", "table public.more_still", "is on the target only"),
                shop("SELECT lo_unlink(7002)", "large object 7002", "is missing on the target"),
                shop(
                        "ALTER LARGE OBJECT 7001 OWNER TO app",
                        "large object 7001",
                        "owner is postgres on the source and app"),
                server("ALTER ROLE app CREATEDB", "role app", "CREATEDB is no on the source and yes on the target"),
                server("ALTER ROLE app CONNECTION LIMIT 8", "role app", "connection limit is 9 on the source and 8"),
                server("REVOKE team FROM app", "membership of app in team", "is missing on the target"),
                server("ALTER ROLE app SET work_mem = '8MB'", "setting work_mem of role app", "has another value"),
                server("ALTER DATABASE shop RESET timezone", "setting timezone of database shop", "is missing"),
                server("COMMENT ON DATABASE shop IS 'buys'", "database shop", "comment is \"sells\" on the source"),
                server("DROP ROLE gone_role", "role gone_role", "is missing on the target"),
                new Planted(
                        "postgres", "DROP DATABASE absent", "absent", "database absent", "is missing on the target"));
    }

    private static Planted shop(String sql, String object, String what) {
        return new Planted("shop", sql, "shop", object, what);
    }

    private static Planted server(String sql, String object, String what) {
        return new Planted("postgres", sql, "", object, what);
    }
}
