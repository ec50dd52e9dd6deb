package io.pgconvoy.testing;

/** Extensions from contrib, with tables and indexes that need them. */
final class FleetExtensions {
    private FleetExtensions() {}

    static void fill(Script script) {
        script.add("""
                CREATE SCHEMA "ext schema";
                CREATE EXTENSION hstore SCHEMA "ext schema";
                CREATE EXTENSION pg_trgm;
                CREATE EXTENSION citext;
                CREATE EXTENSION ltree;
                CREATE EXTENSION "uuid-ossp";
                CREATE EXTENSION pgcrypto;
                CREATE EXTENSION btree_gist;
                CREATE EXTENSION btree_gin;
                CREATE EXTENSION intarray;
                CREATE EXTENSION cube;
                CREATE EXTENSION isn;
                CREATE EXTENSION unaccent;
                CREATE EXTENSION pg_stat_statements;
                CREATE EXTENSION postgres_fdw;
                COMMENT ON EXTENSION hstore IS 'our comment';
                CREATE TABLE extended (
                    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(), attributes "ext schema".hstore, name citext UNIQUE,
                    path ltree, numbers integer[], spot cube, book isbn13);
                INSERT INTO extended
                    SELECT md5(i::text)::uuid, ('a=>' || i || ', "b c"=>NULL')::"ext schema".hstore, 'NaMe' || i,
                           ('top.n' || i % 10 || '.leaf')::ltree, ARRAY[i, i + 1], cube(ARRAY[i, i / 2.0]),
                           '978-0-393-04002-9'
                    FROM generate_series(1, ROWS(1500)) i;
                CREATE INDEX ON extended USING gin (attributes "ext schema".gin_hstore_ops);
                CREATE INDEX ON extended USING gin ((name::text) gin_trgm_ops);
                CREATE INDEX ON extended USING gist (path);
                CREATE INDEX ON extended USING gin (numbers gin__int_ops);
                CREATE INDEX ON extended (spot);
                CREATE TABLE booking (
                    room integer, during tsrange, EXCLUDE USING gist (room WITH =, during WITH &&));
                INSERT INTO booking SELECT i % 5, tsrange(timestamp '2020-01-01' + i * interval '1 day',
                    timestamp '2020-01-01' + (i + 1) * interval '1 day') FROM generate_series(1, 200) i;
                CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'nowhere.invalid', dbname 'x');
                CREATE USER MAPPING FOR app SERVER elsewhere OPTIONS (user 'u', password 'p''w');
                CREATE FOREIGN TABLE remote (id integer NOT NULL, t text OPTIONS (column_name 'T')) SERVER elsewhere;
                GRANT USAGE ON FOREIGN SERVER elsewhere TO app;
                """);
        script.since(Script.V9_6, "CREATE EXTENSION bloom; CREATE INDEX ON booking USING bloom (room)");
    }
}
