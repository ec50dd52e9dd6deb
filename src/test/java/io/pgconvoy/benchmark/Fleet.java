package io.pgconvoy.benchmark;

import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.plan.NearMisses;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A kind of fleet that a race moves. */
enum Fleet {
    /** Nine databases of very different sizes. */
    MIXED {
        @Override
        List<Database> databases(Size size) {
            int[] thousandths = {400, 220, 140, 100, 60, 40, 20, 15, 5};
            return numbered(
                    thousandths.length,
                    number -> documents(
                            size.rows(750L * thousandths[number - 1]), size.rows(2400L * thousandths[number - 1])));
        }
    },
    /** One table of 5 million rows with a primary key and five more indexes. */
    GIANT {
        @Override
        List<Database> databases(Size size) {
            return numbered(1, number -> List.of(events(size.rows(5_000_000))));
        }
    },
    /** Many small databases. */
    MANY {
        @Override
        List<Database> databases(Size size) {
            return numbered(size.databases(), number -> List.of(FEW_ROWS));
        }
    },
    /** Many databases with nothing in them. */
    EMPTY {
        @Override
        List<Database> databases(Size size) {
            return numbered(size.databases(), number -> List.of());
        }
    },
    /** A table of wide rows that do not compress, one of rows of a megabyte, and one of a hundred columns. */
    WIDE {
        @Override
        List<Database> databases(Size size) {
            return numbered(1, number -> List.of(wide(size.rows(2000), size.rows(100), size.rows(20_000))));
        }
    },
    /** Many small large objects and a few huge ones. */
    OBJECTS {
        @Override
        List<Database> databases(Size size) {
            return numbered(1, number -> List.of(objects(size.rows(20_000), size.rows(20))));
        }
    },
    /** The giant's table beside ten small ones: for what pgconvoy's deferred tables bring. */
    DEFERRED {
        @Override
        List<Database> databases(Size size) {
            return numbered(1, number -> List.of(TEN_SMALL_TABLES, events(size.rows(5_000_000))));
        }

        @Override
        List<String> contestants() {
            return List.of(
                    "convoy:--delay-table-data " + PREFIX + "deferred_1.event",
                    "convoy",
                    "pipe",
                    "pipe:-Z0",
                    "indexed");
        }
    },
    /** The ten small tables of "deferred" alone: what its opening is compared with. */
    SMALL {
        @Override
        List<Database> databases(Size size) {
            return numbered(1, number -> List.of(TEN_SMALL_TABLES));
        }
    };

    /** All databases whose names begin with this are the benchmark's own. */
    static final String PREFIX = "pgconvoy_bench_";

    private static final String FEW_ROWS = """
            CREATE TABLE a (id serial PRIMARY KEY, t text);
            INSERT INTO a (t) SELECT md5(i::text) FROM generate_series(1, 500) i;
            CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a, v numeric);
            INSERT INTO b SELECT i, i, i FROM generate_series(1, 500) i;
            CREATE INDEX ON b (v);
            CREATE VIEW v AS SELECT * FROM a JOIN b USING (id)
            """;

    private static final String TEN_SMALL_TABLES = """
            DO $$
            BEGIN
              FOR t IN 1..10 LOOP
                EXECUTE format(
                  'CREATE TABLE small_%s (id int PRIMARY KEY, name text NOT NULL, at timestamptz NOT NULL)', t);
                EXECUTE format($f$ INSERT INTO small_%s
                  SELECT i, 'name ' || md5(i::text), timestamptz '2015-01-01' + i * interval '1 minute'
                  FROM generate_series(1, 40000) i $f$, t);
                EXECUTE format('CREATE INDEX ON small_%s (name)', t);
              END LOOP;
            END $$
            """;

    /**
     * How much there is of it.
     *
     * @param scale of the rows, above 0; 1 is about 1 GB where a fleet is large at all
     * @param databases how many, where a fleet has many
     */
    record Size(double scale, int databases) {
        long rows(long atScaleOne) {
            return Math.max(1, Math.round(atScaleOne * scale));
        }
    }

    /** @param statements fill it */
    record Database(String name, List<String> statements) {}

    abstract List<Database> databases(Size size);

    /** Who races where the user names nobody; empty where all do. */
    List<String> contestants() {
        return List.of();
    }

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Fleet of(String label) {
        return Arrays.stream(values())
                .filter(fleet -> fleet.label().equals(label))
                .findFirst()
                .orElseThrow(() ->
                        PgconvoyException.usage("--fleet: there is no fleet '" + label + "'", choice(label, labels())));
    }

    static List<String> labels() {
        return Arrays.stream(values()).map(Fleet::label).toList();
    }

    /** The hint for a word that is none of these. */
    static String choice(String wrong, List<String> words) {
        List<String> near = NearMisses.of(wrong, words);
        return (near.isEmpty() ? "" : "Did you mean " + String.join(" or ", near) + "? ") + "There are "
                + String.join(", ", words) + ".";
    }

    private interface Filling {
        List<String> of(int number);
    }

    final List<Database> numbered(int databases, Filling filling) {
        return IntStream.rangeClosed(1, databases)
                .mapToObj(number -> new Database(
                        PREFIX + label() + "_" + number,
                        Stream.concat(filling.of(number).stream(), Stream.of("VACUUM ANALYZE"))
                                .toList()))
                .toList();
    }

    private static List<String> documents(long documents, long measurements) {
        return List.of("""
                CREATE TABLE author (id serial PRIMARY KEY, name text NOT NULL UNIQUE);
                INSERT INTO author (name) SELECT 'author ' || i FROM generate_series(1, 2000) i;
                CREATE TABLE document (id bigserial PRIMARY KEY, author int NOT NULL REFERENCES author,
                  created timestamptz NOT NULL, title text NOT NULL, body text NOT NULL, tags text[], price numeric(10,2));
                INSERT INTO document (author, created, title, body, tags, price)
                  SELECT 1 + i % 2000, timestamptz '2010-01-01' + i * interval '1 minute', 'About ' || md5(i::text),
                    md5('a' || i) || md5('b' || i) || md5('c' || i) || md5('d' || i)
                      || repeat('quick brown fox ' || i % 1000, 12),
                    ARRAY['tag' || i % 13, 'tag' || i % 29], (i % 100000) / 100.0
                  FROM generate_series(1, DOCUMENTS) i;
                CREATE TABLE measurement (id bigint PRIMARY KEY, sensor int, at timestamptz, value float8, quality int);
                INSERT INTO measurement
                  SELECT i, 1 + i % 500, timestamptz '2015-01-01' + i * interval '1 second', sin(i) * 1000, i % 5
                  FROM generate_series(1, MEASUREMENTS) i;
                CREATE INDEX ON measurement (sensor, at);
                CREATE INDEX ON document (author, created);
                CREATE INDEX ON document (title)
                """.replace("DOCUMENTS", Long.toString(documents))
                .replace("MEASUREMENTS", Long.toString(measurements)));
    }

    private static String events(long rows) {
        return """
                CREATE TABLE event (id bigint NOT NULL, customer int NOT NULL, kind text NOT NULL,
                  at timestamptz NOT NULL, amount numeric(12,2), note text);
                INSERT INTO event
                  SELECT i, (i * 7919) % 100003, 'kind ' || i % 17, timestamptz '2015-01-01' + i * interval '1 second',
                    (i % 99991) / 100.0, md5(i::text) || repeat('.', (i % 60)::int)
                  FROM generate_series(1, ROWS::bigint) i;
                ALTER TABLE event ADD PRIMARY KEY (id);
                CREATE INDEX ON event (customer, at);
                CREATE INDEX ON event (kind);
                CREATE INDEX ON event (at);
                CREATE INDEX ON event (amount);
                CREATE INDEX ON event (note)
                """.replace("ROWS", Long.toString(rows));
    }

    private static String wide(long wide, long huge, long manyColumns) {
        String columns = columns("c%d text");
        String values = columns("md5(i::text || '%d')");
        return """
                CREATE TABLE page (id int PRIMARY KEY, content text NOT NULL);
                INSERT INTO page
                  SELECT i, (SELECT string_agg(md5(i || '.' || j), '') FROM generate_series(1, 1500) j)
                  FROM generate_series(1, WIDE) i;
                CREATE TABLE picture (id int PRIMARY KEY, content bytea NOT NULL);
                INSERT INTO picture SELECT i, (RANDOM_MEGABYTE) FROM generate_series(1, HUGE) i;
                CREATE TABLE many_columns (id int PRIMARY KEY, COLUMNS);
                INSERT INTO many_columns SELECT i, VALUES_OF FROM generate_series(1, MANY_COLUMNS) i
                """.replace("RANDOM_MEGABYTE", randomBytes(1))
                .replace("MANY_COLUMNS", Long.toString(manyColumns))
                .replace("WIDE", Long.toString(wide))
                .replace("HUGE", Long.toString(huge))
                .replace("COLUMNS", columns)
                .replace("VALUES_OF", values);
    }

    private static String columns(String each) {
        return IntStream.rangeClosed(1, 100)
                .mapToObj(column -> String.format(Locale.ROOT, each, column))
                .collect(Collectors.joining(", "));
    }

    private static String objects(long small, long huge) {
        return """
                SELECT count(lo_from_bytea(0, decode(repeat(md5(i::text), 256), 'hex')))
                FROM generate_series(1, SMALL) i;
                SELECT count(lo_from_bytea(0, (RANDOM_BYTES))) FROM generate_series(1, HUGE) i
                """.replace("RANDOM_BYTES", randomBytes(4))
                .replace("SMALL", Long.toString(small))
                .replace("HUGE", Long.toString(huge));
    }

    /** An expression over i. */
    private static String randomBytes(int megabytes) {
        return "SELECT decode(string_agg(md5(i || '.' || j), ''), 'hex') FROM generate_series(1, " + megabytes * 65536
                + ") j";
    }
}
