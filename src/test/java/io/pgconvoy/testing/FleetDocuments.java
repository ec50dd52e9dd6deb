package io.pgconvoy.testing;

/** Large objects with owners, comments and privileges; wide values; full text search. */
final class FleetDocuments {
    private FleetDocuments() {}

    static void fill(Script script) {
        script.add("""
                CREATE TABLE document (id serial PRIMARY KEY, title text, scan oid, thumbnail bytea, words tsvector);
                SELECT lo_from_bytea((700000 + i)::oid, decode(repeat(md5(i::text), 500 + i % 300), 'hex'))
                    FROM generate_series(1, ROWS(60)) i;
                SELECT lo_create(799001), lo_from_bytea(799002, '\\x00ff5c0a0d');
                INSERT INTO document (title, scan, thumbnail, words)
                    SELECT 'Document ' || i, 700000 + i, decode(md5(i::text), 'hex') || '\\x005c27'::bytea,
                           to_tsvector('simple', 'the ' || md5(i::text) || ' it''s ' || i)
                    FROM generate_series(1, ROWS(60)) i;
                INSERT INTO document (title, scan, thumbnail) VALUES (NULL, NULL, ''), ('', 799001, NULL);
                ALTER LARGE OBJECT 799002 OWNER TO app_owner;
                ALTER LARGE OBJECT 700001 OWNER TO app_owner;
                GRANT SELECT ON LARGE OBJECT 799002 TO app;
                GRANT SELECT, UPDATE ON LARGE OBJECT 700001 TO "Report Reader" WITH GRANT OPTION;
                COMMENT ON LARGE OBJECT 799002 IS 'five bytes; all of them nasty';
                CREATE INDEX ON document USING gin (words);
                CREATE TABLE archive (id integer PRIMARY KEY, body text, page bytea);
                ALTER TABLE archive ALTER COLUMN body SET STORAGE EXTERNAL;
                INSERT INTO archive SELECT i, (SELECT string_agg(md5((i * 1000 + j)::text), E'\\n')
                    FROM generate_series(1, 100) j), decode(repeat(md5(i::text), 20), 'hex')
                    FROM generate_series(1, ROWS(500)) i;
                CREATE TEXT SEARCH DICTIONARY plain (TEMPLATE = pg_catalog.simple, STOPWORDS = english);
                CREATE TEXT SEARCH CONFIGURATION house (COPY = pg_catalog.english);
                ALTER TEXT SEARCH CONFIGURATION house ALTER MAPPING FOR asciiword WITH plain;
                COMMENT ON TEXT SEARCH CONFIGURATION house IS 'ours';
                CREATE TRIGGER words BEFORE INSERT OR UPDATE ON document FOR EACH ROW
                    EXECUTE PROCEDURE tsvector_update_trigger(words, 'public.house', title);
                """);
    }
}
