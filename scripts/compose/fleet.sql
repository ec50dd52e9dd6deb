-- The source's fleet in compose.yml: small, but with what migrations stumble over. Runs on PostgreSQL 9.5 and later.
\set ON_ERROR_STOP on
\set QUIET on
\encoding UTF8

-- Roles: a hierarchy, settings, a comment with a semicolon, a name that needs quoting.
CREATE ROLE staff NOLOGIN;
CREATE ROLE app LOGIN PASSWORD 'app-secret' CONNECTION LIMIT 50;
CREATE ROLE reporting LOGIN PASSWORD 'reporting-secret' VALID UNTIL '2099-12-31';
CREATE ROLE "Müller; Söhne" LOGIN;
GRANT staff TO app WITH ADMIN OPTION;
GRANT staff TO reporting;
ALTER ROLE reporting SET statement_timeout = '30s';
ALTER ROLE app SET search_path = "$user", public;
COMMENT ON ROLE staff IS 'people; not machines';

CREATE DATABASE shop OWNER app CONNECTION LIMIT 100;
CREATE DATABASE crm OWNER app;
CREATE DATABASE archive OWNER reporting;
CREATE DATABASE documents;
CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C';
CREATE DATABASE "select";
CREATE DATABASE "O'Brien & ""Sons"" / Süd";
CREATE DATABASE empty;
ALTER DATABASE shop SET timezone = 'Europe/Berlin';
ALTER DATABASE archive SET default_transaction_read_only = on;
ALTER ROLE reporting IN DATABASE shop SET work_mem = '64MB';
COMMENT ON DATABASE crm IS 'customers; contacts';
REVOKE CONNECT ON DATABASE archive FROM PUBLIC;
GRANT CONNECT ON DATABASE archive TO staff;

\connect shop
CREATE TABLE customers (id serial PRIMARY KEY, name text NOT NULL UNIQUE, joined date NOT NULL DEFAULT current_date);
CREATE TABLE orders (id bigserial PRIMARY KEY, customer int NOT NULL REFERENCES customers, placed timestamptz NOT NULL,
                     total numeric(10,2) NOT NULL CHECK (total >= 0), note text);
CREATE TABLE lines (order_id bigint REFERENCES orders ON DELETE CASCADE, line int, article text, PRIMARY KEY (order_id, line));
INSERT INTO customers (name) SELECT 'customer ' || i FROM generate_series(1, 5000) i;
INSERT INTO orders (customer, placed, total, note)
  SELECT 1 + i % 5000, timestamptz '2015-01-01' + i * interval '7 minutes', (i % 10000) / 100.0, repeat(md5(i::text), 4)
  FROM generate_series(1, 200000) i;
INSERT INTO lines SELECT i, l, 'article ' || (i * l) % 977 FROM generate_series(1, 200000) i, generate_series(1, 2) l;
CREATE INDEX ON orders (customer, placed);
CREATE INDEX ON orders (note text_pattern_ops) WHERE total > 50;
CREATE MATERIALIZED VIEW revenue AS SELECT customer, sum(total) AS total FROM orders GROUP BY customer;
CREATE UNIQUE INDEX ON revenue (customer);
GRANT SELECT ON ALL TABLES IN SCHEMA public TO reporting;
ALTER DEFAULT PRIVILEGES FOR ROLE app GRANT SELECT ON TABLES TO reporting;

\connect crm
CREATE SCHEMA "Sales Dept" AUTHORIZATION app;
CREATE TYPE "Sales Dept".stage AS ENUM ('lead', 'offer', 'won');
CREATE DOMAIN "Sales Dept".mail AS text CHECK (VALUE LIKE '%@%');
CREATE TABLE "Sales Dept"."Contacts" (id serial PRIMARY KEY, mail "Sales Dept".mail, stage "Sales Dept".stage, data jsonb);
INSERT INTO "Sales Dept"."Contacts" (mail, stage, data)
  SELECT 'user' || i || '@example.org', (ARRAY['lead', 'offer', 'won'])[1 + i % 3]::"Sales Dept".stage,
         json_build_object('n', i, 'tags', ARRAY[i % 7, i % 11])::jsonb
  FROM generate_series(1, 50000) i;
CREATE INDEX ON "Sales Dept"."Contacts" USING gin (data);
CREATE FUNCTION "Sales Dept".touch() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.data := coalesce(NEW.data, '{}'); RETURN NEW; END$$;
CREATE TRIGGER touch BEFORE INSERT OR UPDATE ON "Sales Dept"."Contacts" FOR EACH ROW EXECUTE PROCEDURE "Sales Dept".touch();
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'hstore') THEN
    CREATE EXTENSION hstore;
    EXECUTE 'CREATE TABLE settings (id int PRIMARY KEY, value hstore)';
    EXECUTE 'INSERT INTO settings SELECT i, hstore(''key'', i::text) FROM generate_series(1, 1000) i';
  END IF;
END
$$;

\connect archive
SET default_transaction_read_only = off;
CREATE TABLE events (at timestamptz NOT NULL, payload text);
CREATE TABLE events_2014 (CHECK (at < '2015-01-01')) INHERITS (events);
CREATE TABLE events_2015 (CHECK (at >= '2015-01-01')) INHERITS (events);
INSERT INTO events_2014 SELECT timestamptz '2014-01-01' + i * interval '1 minute', md5(i::text) FROM generate_series(1, 100000) i;
INSERT INTO events_2015 SELECT timestamptz '2015-01-01' + i * interval '1 minute', md5(i::text) FROM generate_series(1, 300000) i;
CREATE INDEX ON events_2014 (at);
CREATE INDEX ON events_2015 (at);

\connect documents
CREATE TABLE files (name text PRIMARY KEY, content oid NOT NULL);
INSERT INTO files SELECT 'file ' || i, lo_from_bytea(0, decode(repeat(md5(i::text), 1000), 'hex')) FROM generate_series(1, 100) i;

\connect latin
\encoding UTF8
CREATE TABLE words (word text PRIMARY KEY);
INSERT INTO words VALUES ('Grüße'), ('façade'), ('niño');

\connect "select"
CREATE TABLE "table" ("from" serial PRIMARY KEY, "where" text);
INSERT INTO "table" ("where") SELECT 'row ' || i FROM generate_series(1, 1000) i;

\connect "O'Brien & ""Sons"" / Süd"
\encoding UTF8
CREATE SEQUENCE "Invoice No." START 1000;
CREATE TABLE "Invoices" ("No." bigint PRIMARY KEY DEFAULT nextval('"Invoice No."'), "For ""whom""?" text);
INSERT INTO "Invoices" ("For ""whom""?") SELECT 'customer ' || i FROM generate_series(1, 500) i;
