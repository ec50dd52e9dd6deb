package io.pgconvoy.verify.inventory;

import java.util.List;

/** Changes to a target that holds the sample fleet, each with what a comparison must say of it. */
final class PlantedDifferences {
    /**
     * One change.
     *
     * @param database where it is made
     * @param sql makes it
     * @param expected the object and what is said of it
     */
    record Planted(String database, String sql, String expected) {}

    private PlantedDifferences() {}

    /** Changes within databases. */
    static List<Planted> inDatabases() {
        return List.of(
                in(
                        "shop",
                        "DROP INDEX public.\"Open Orders\"",
                        "index public.\"Open Orders\": is missing on the target"),
                in(
                        "shop",
                        "CREATE INDEX additional ON public.orders (note)",
                        "index public.additional: is on the target only"),
                in(
                        "shop",
                        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'public.product_title'::regclass",
                        "index public.product_title: valid is yes on the source and no on the target"),
                in(
                        "shop",
                        "ALTER TABLE public.orders DROP CONSTRAINT orders_customer",
                        "constraint orders_customer on public.orders: is missing on the target"),
                in(
                        "shop",
                        "UPDATE pg_constraint SET convalidated = true WHERE conname = 'only_new_rows'",
                        "constraint only_new_rows on public.orders: validated is no on the source and yes on the target"),
                in(
                        "shop",
                        "ALTER TABLE public.customer DROP CONSTRAINT customer_balance_check, ADD CONSTRAINT"
                                + " customer_balance_check CHECK (balance > -999)",
                        "constraint customer_balance_check on public.customer: definition is CHECK ((balance >"),
                in(
                        "shop",
                        "ALTER TABLE public.orders OWNER TO postgres",
                        "table public.orders: owner is app_owner on the source and postgres on the target"),
                in(
                        "shop",
                        "REVOKE INSERT ON public.orders FROM app",
                        "table public.orders: privilege INSERT to app with grant option is missing on the target"),
                in(
                        "shop",
                        "GRANT DELETE ON public.product TO PUBLIC",
                        "table public.product: privilege DELETE to PUBLIC is on the target only"),
                in(
                        "shop",
                        "REVOKE UPDATE (balance) ON public.customer FROM \"Report Reader\"",
                        "column balance of public.customer: privilege UPDATE to \"Report Reader\" is missing on the target"),
                in(
                        "shop",
                        "COMMENT ON TABLE public.customer IS 'who pays'",
                        "table public.customer: comment is \"who buys\" on the source and \"who pays\" on the target"),
                in(
                        "shop",
                        "COMMENT ON INDEX public.orders_customer_id_placed_idx IS 'x'",
                        "index public.orders_customer_id_placed_idx: comment is none on the source and \"x\" on the target"),
                in(
                        "shop",
                        "SELECT setval('public.invoice_number', 1505)",
                        "sequence public.invoice_number: last value is 1500 on the source and 1505 on the target"),
                in(
                        "shop",
                        "SELECT nextval('public.never_called')",
                        "sequence public.never_called: is called is no on the source and yes on the target"),
                in(
                        "shop",
                        "ALTER SEQUENCE public.backwards CYCLE",
                        "sequence public.backwards: cycle is no on the source and yes on the target"),
                in(
                        "shop",
                        "ALTER TABLE public.orders SET (fillfactor = 50)",
                        "table public.orders: options is autovacuum_enabled=false, fillfactor=90 on the source"),
                in(
                        "shop",
                        "ALTER TABLE public.orders ALTER customer_id SET STATISTICS 7",
                        "column customer_id of public.orders: statistics target is 500 on the source and 7 on the target"),
                in(
                        "shop",
                        "ALTER TABLE public.orders ALTER state SET DEFAULT 'paid'",
                        "column state of public.orders: default is 'new'::public.order_state on the source"),
                in(
                        "shop",
                        "ALTER TABLE public.customer ALTER name DROP NOT NULL",
                        "column name of public.customer: not null is yes on the source and no on the target"),
                in(
                        "shop",
                        "ALTER TABLE public.customer ALTER born TYPE varchar(99)",
                        "column born of public.customer: type is date on the source and character varying(99) on the target"),
                in(
                        "shop",
                        "ALTER TABLE \"Weird Schema\".\"Table With \"\"Quotes\"\"\" DROP \"select\"",
                        "column select of \"Weird Schema\".\"Table With \"\"Quotes\"\"\": is missing on the target"),
                in(
                        "shop",
                        "ALTER TABLE public.orders SET WITHOUT CLUSTER",
                        "index public.orders_pkey: clustered is yes on the source and no on the target"),
                in(
                        "shop",
                        "ALTER TABLE public.product REPLICA IDENTITY DEFAULT",
                        "table public.product: replica identity is index on the source and none on the target"),
                in(
                        "shop",
                        "REFRESH MATERIALIZED VIEW public.not_yet",
                        "materialized view public.not_yet: populated is no on the source and yes on the target"),
                in(
                        "shop",
                        "CREATE OR REPLACE VIEW public.recent AS SELECT * FROM public.orders WHERE placed > '2017-01-01'"
                                + " WITH LOCAL CHECK OPTION",
                        "view public.recent: definition differs"),
                in("shop", "ALTER TYPE public.order_state ADD VALUE 'lost'", "type public.order_state: labels is"),
                in(
                        "shop",
                        "ALTER DOMAIN public.email DROP CONSTRAINT has_an_at",
                        "constraint has_an_at on public.email: is missing on the target"),
                in("shop", "CREATE TABLE public.surplus (id int)", "table public.surplus: is on the target only"),
                in("shop", "DROP TABLE public.order_line CASCADE", "table public.order_line: is missing on the target"),
                in(
                        "logic",
                        "ALTER TABLE account ENABLE TRIGGER \"switched off\"",
                        "trigger \"switched off\" on public.account: enabled is no on the source and yes on the target"),
                in(
                        "logic",
                        "DROP TRIGGER deferred ON account",
                        "trigger deferred on public.account: is missing on the target"),
                in(
                        "logic",
                        "ALTER TABLE journal ENABLE RULE off",
                        "rule off on public.journal: enabled is no on the source and yes on the target"),
                in(
                        "logic",
                        "ALTER EVENT TRIGGER disabled_one ENABLE",
                        "event trigger disabled_one: enabled is no on the source and yes on the target"),
                in(
                        "logic",
                        "CREATE OR REPLACE FUNCTION tools.add(a integer, b integer DEFAULT 1) RETURNS integer"
                                + " LANGUAGE sql IMMUTABLE STRICT COST 5 AS 'SELECT a - b'",
                        "function tools.add(integer, integer): source differs"),
                in(
                        "logic",
                        "ALTER FUNCTION tools.rows_of(integer) VOLATILE SET work_mem = '3MB'",
                        "function tools.rows_of(integer): settings is"),
                in(
                        "logic",
                        "DROP AGGREGATE tools.longest(text)",
                        "aggregate tools.longest(text): is missing on the target"),
                in(
                        "logic",
                        "DROP CAST (tools.celsius AS numeric)",
                        "cast (tools.celsius AS numeric): is missing on the target"),
                in(
                        "logic",
                        "COMMENT ON OPERATOR tools.||| (text, text) IS 'minus'",
                        "operator tools.|||(text, text): comment is \"plus\" on the source and \"minus\" on the target"),
                in(
                        "security",
                        "ALTER TABLE private.salary NO FORCE ROW LEVEL SECURITY",
                        "table private.salary: forced row security is yes on the source and no on the target"),
                in(
                        "security",
                        "ALTER POLICY own ON private.salary USING (true)",
                        "policy own on private.salary: using is"),
                in(
                        "security",
                        "DROP POLICY \"all; of them\" ON private.salary",
                        "policy \"all; of them\" on private.salary: is missing on the target"),
                in(
                        "security",
                        "ALTER SCHEMA private OWNER TO app",
                        "schema private: owner is app_owner on the source and app on the target"),
                in(
                        "security",
                        "ALTER DEFAULT PRIVILEGES FOR ROLE app_owner GRANT EXECUTE ON FUNCTIONS TO PUBLIC",
                        "default privileges of app_owner on functions: is missing on the target"),
                in(
                        "security",
                        "GRANT USAGE ON TYPE public.guarded TO PUBLIC",
                        "type public.guarded: privilege USAGE to PUBLIC is on the target only"),
                in(
                        "extensions",
                        "ALTER EXTENSION hstore SET SCHEMA public",
                        "extension hstore: schema is \"ext schema\" on the source and public on the target"),
                in("extensions", "DROP EXTENSION pgcrypto", "extension pgcrypto: is missing on the target"),
                in(
                        "extensions",
                        "ALTER SERVER elsewhere OPTIONS (SET host 'other.invalid')",
                        "server elsewhere: options is dbname=x, host=nowhere.invalid on the source"),
                in(
                        "extensions",
                        "ALTER USER MAPPING FOR app SERVER elsewhere OPTIONS (SET password 'other')",
                        "user mapping app on elsewhere: options is password (#"),
                in(
                        "documents",
                        "SELECT lo_unlink(min(oid)) FROM pg_largeobject_metadata",
                        "large object 700001: is missing on the target"),
                in(
                        "types",
                        "ALTER TYPE address DROP ATTRIBUTE geo CASCADE",
                        "attribute geo of public.address: is missing on the target"));
    }

    /** Changes to the server. */
    static List<Planted> onServer() {
        return List.of(
                in(
                        "postgres",
                        "ALTER ROLE app CREATEDB",
                        "role app: CREATEDB is no on the source and yes on the target"),
                in(
                        "postgres",
                        "ALTER ROLE app CONNECTION LIMIT 51",
                        "role app: connection limit is 50 on the source and 51 on the target"),
                in("postgres", "ALTER ROLE \"old hash\" PASSWORD 'another'", "role \"old hash\": password differs"),
                in("postgres", "ALTER ROLE dba PASSWORD NULL", "role dba: has a password on the source only"),
                in("postgres", "DROP ROLE nobody_yet", "role nobody_yet: is missing on the target"),
                in("postgres", "REVOKE team_b FROM team_a", "membership of team_a in team_b: is missing on the target"),
                in(
                        "postgres",
                        "REVOKE ADMIN OPTION FOR \"Report Reader\" FROM auditor",
                        "membership of auditor in \"Report Reader\": admin option is yes on the source and no on the target"),
                in(
                        "postgres",
                        "ALTER ROLE app SET work_mem = '17MB'",
                        "setting work_mem of role app: has another value on the target"),
                in(
                        "postgres",
                        "ALTER ROLE ALL RESET log_min_duration_statement",
                        "setting log_min_duration_statement of all roles: is missing on the target"),
                in(
                        "postgres",
                        "ALTER DATABASE shop RESET timezone",
                        "setting timezone of database shop: is missing on the target"),
                in(
                        "postgres",
                        "ALTER ROLE app IN DATABASE shop SET statement_timeout = '31s'",
                        "setting statement_timeout of role app in database shop: has another value on the target"),
                in(
                        "postgres",
                        "ALTER DATABASE shop CONNECTION LIMIT 26",
                        "database shop: connection limit is 25 on the source and 26 on the target"),
                in(
                        "postgres",
                        "ALTER DATABASE analytics OWNER TO app",
                        "database analytics: owner is \"o'brien\" on the source and app on the target"),
                in(
                        "postgres",
                        "GRANT CONNECT ON DATABASE shop TO PUBLIC",
                        "database shop: privilege CONNECT to PUBLIC is on the target only"),
                in(
                        "postgres",
                        "COMMENT ON ROLE auditor IS 'looks'",
                        "role auditor: comment is none on the source and \"looks\" on the target"));
    }

    private static Planted in(String database, String sql, String expected) {
        return new Planted(database, sql, expected);
    }
}
