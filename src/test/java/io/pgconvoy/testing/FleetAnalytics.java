package io.pgconvoy.testing;

/** Tables in pieces: inheritance everywhere, partitions and their partitions where the server has them. */
final class FleetAnalytics {
    private FleetAnalytics() {}

    static void fill(Script script) {
        inheritance(script);
        script.since(Script.V10, """
                CREATE TABLE measured (at timestamptz NOT NULL, sensor integer NOT NULL, value double precision, raw text)
                    PARTITION BY RANGE (at);
                CREATE TABLE measured_2020 PARTITION OF measured FOR VALUES FROM ('2020-01-01Z') TO ('2021-01-01Z');
                CREATE TABLE measured_2021 PARTITION OF measured FOR VALUES FROM ('2021-01-01Z') TO ('2022-01-01Z')
                    PARTITION BY LIST (sensor);
                CREATE TABLE "measured 2021 few" PARTITION OF measured_2021 FOR VALUES IN (0, 1, 2);
                CREATE TABLE "measured 2021 more" PARTITION OF measured_2021 FOR VALUES IN (3, 4, 5, 6, 7, 8, 9);
                CREATE TABLE measured_2022 PARTITION OF measured FOR VALUES FROM ('2022-01-01Z') TO (MAXVALUE);
                INSERT INTO measured SELECT timestamptz '2020-01-01Z' + i * interval '70 minutes', i % 10, i / 7.0, md5(i::text)
                    FROM generate_series(1, LEAST(ROWS(18000), 50000000)) i;
                """);
        script.since(Script.V11, """
                CREATE INDEX measured_at ON measured (at, sensor);
                CREATE TABLE hashed (id bigint PRIMARY KEY, payload text) PARTITION BY HASH (id);
                CREATE TABLE hashed_0 PARTITION OF hashed FOR VALUES WITH (MODULUS 3, REMAINDER 0);
                CREATE TABLE hashed_1 PARTITION OF hashed FOR VALUES WITH (MODULUS 3, REMAINDER 1);
                CREATE TABLE hashed_2 PARTITION OF hashed FOR VALUES WITH (MODULUS 3, REMAINDER 2) PARTITION BY RANGE (id);
                CREATE TABLE hashed_2_low PARTITION OF hashed_2 FOR VALUES FROM (MINVALUE) TO (1000);
                CREATE TABLE hashed_2_rest PARTITION OF hashed_2 DEFAULT;
                CREATE TYPE shade AS ENUM ('white', 'grey', 'black', 'none');
                CREATE TABLE shaded (shade shade, n integer) PARTITION BY LIST (n);
                CREATE TABLE shaded_1 PARTITION OF shaded FOR VALUES IN (1) PARTITION BY HASH (shade);
                CREATE TABLE shaded_1_0 PARTITION OF shaded_1 FOR VALUES WITH (MODULUS 3, REMAINDER 0);
                CREATE TABLE shaded_1_1 PARTITION OF shaded_1 FOR VALUES WITH (MODULUS 3, REMAINDER 1);
                CREATE TABLE shaded_1_2 PARTITION OF shaded_1 FOR VALUES WITH (MODULUS 3, REMAINDER 2);
                CREATE TABLE shaded_2 PARTITION OF shaded FOR VALUES IN (2);
                INSERT INTO shaded SELECT (enum_range(NULL::shade))[1 + i % 4], 1 + i % 2 FROM generate_series(1, 200) i;
                INSERT INTO hashed SELECT i, repeat('x', i % 50) FROM generate_series(1, ROWS(6000)) i;
                """);
        script.since(Script.V12, """
                CREATE TABLE refers (id bigint REFERENCES hashed, what text);
                INSERT INTO refers SELECT i, 'r' FROM generate_series(1, 100) i;
                """);
        script.add("""
                CREATE UNLOGGED TABLE cache (key text PRIMARY KEY, value text);
                INSERT INTO cache SELECT 'k' || i, 'v' FROM generate_series(1, 500) i;
                CREATE TABLE no_key (a integer, b text);
                INSERT INTO no_key SELECT i % 3, 'same' FROM generate_series(1, 300) i;
                CREATE MATERIALIZED VIEW per_sensor AS SELECT sensor, count(*) AS n FROM reading GROUP BY sensor;
                CREATE MATERIALIZED VIEW busiest AS SELECT max(n) AS n FROM per_sensor;
                """);
    }

    private static void inheritance(Script script) {
        script.add("""
                CREATE TABLE reading (id bigint NOT NULL, at timestamp NOT NULL, sensor integer, value numeric);
                CREATE TABLE reading_old (CHECK (at < '2020-01-01'), PRIMARY KEY (id)) INHERITS (reading);
                CREATE TABLE reading_new (CHECK (at >= '2020-01-01'), extra text DEFAULT 'e') INHERITS (reading);
                CREATE TABLE reading_newest (also integer) INHERITS (reading_new);
                CREATE FUNCTION reading_route() RETURNS trigger LANGUAGE plpgsql AS $function$
                BEGIN
                    IF NEW.id < 0 THEN
                        RETURN NEW;
                    ELSIF NEW.at < '2020-01-01' THEN
                        INSERT INTO public.reading_old SELECT NEW.*;
                    ELSE
                        INSERT INTO public.reading_new SELECT NEW.*;
                    END IF;
                    RETURN NULL;
                END $function$;
                INSERT INTO reading_old SELECT i, timestamp '2019-01-01' + i * interval '1 second', i % 20, i / 3.0
                    FROM generate_series(1, ROWS(12000)) i;
                INSERT INTO reading_new SELECT i, timestamp '2020-01-01' + i * interval '1 second', i % 20, i / 3.0
                    FROM generate_series(1, ROWS(8000)) i;
                INSERT INTO reading_newest SELECT i, timestamp '2021-01-01', 1, 'NaN', NULL, 7
                    FROM generate_series(1, 10) i;
                CREATE TRIGGER route BEFORE INSERT ON reading FOR EACH ROW EXECUTE PROCEDURE reading_route();
                INSERT INTO reading VALUES (-1, '2000-01-01', 1, 1), (-2, '2000-01-01', 2, 2);
                INSERT INTO reading VALUES (1000000001, '2018-01-01', 1, 1), (1000000002, '2022-01-01', 2, 2);
                CREATE INDEX ON reading_old (at);
                CREATE INDEX ON reading_new (sensor, at);
                """);
    }
}
