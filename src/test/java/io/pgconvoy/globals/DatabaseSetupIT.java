package io.pgconvoy.globals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pgconvoy.catalog.DatabaseCatalog;
import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.config.TablespaceChoice;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.Quote;
import io.pgconvoy.testing.ServerOptions;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatabaseSetupIT {
    private static final String WEIRD = "We\"ird; 'da\\ta\nbase' {x} ü ?";
    private static final String COMMENT = "y';\nDROP DATABASE shop;\n-- \\ {d '1'} ?";

    /** A database but for its privileges, whose order means nothing. */
    private static final String PROPERTIES = """
            SELECT concat_ws('|', datname, datdba::regrole, pg_encoding_to_char(encoding), datcollate, datctype,
                             datconnlimit, datistemplate, datallowconn, shobj_description(oid, 'pg_database'))
            FROM pg_database WHERE datname NOT IN ('postgres', 'template0', 'template1') ORDER BY datname
            """;

    private static final String PRIVILEGES = """
            SELECT concat_ws('|', datname, a.grantor, a.grantee, a.privilege_type, a.is_grantable)
            FROM pg_database, aclexplode(coalesce(datacl, acldefault('d', datdba))) AS e,
                 LATERAL (SELECT pg_get_userbyid(e.grantor) AS grantor, e.privilege_type, e.is_grantable,
                                 CASE WHEN e.grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(e.grantee) END AS grantee)
                     AS a
            ORDER BY datname, a.grantor, a.grantee, a.privilege_type
            """;

    private static final String SETTINGS = """
            SELECT concat_ws('|', datname, CASE WHEN setrole <> 0 THEN pg_get_userbyid(setrole) END, setconfig)
            FROM pg_db_role_setting JOIN pg_database AS d ON d.oid = setdatabase
            ORDER BY datname, pg_get_userbyid(setrole)
            """;

    @ParameterizedTest
    @ValueSource(strings = {"9.5", "9.6", "14", "18"})
    void databasesArriveWithAllTheirProperties(String version) throws Exception {
        try (EmbeddedServer source = EmbeddedServer.start(version);
                EmbeddedServer target = EmbeddedServer.start("18")) {
            load(source);
            Server from = Servers.source(source);
            Server to = Servers.target(target);
            new GlobalsMigration(from, to, TablespaceChoice.SAME).apply();
            DatabaseSetup setup = new DatabaseSetup(from, to, TablespaceChoice.SAME);

            GlobalsResult created = GlobalsResult.NOTHING;
            GlobalsResult finished = GlobalsResult.NOTHING;
            Map<String, DatabaseProperties> databases = databases(from);
            for (DatabaseProperties database : databases.values()) {
                if (!List.of("postgres", "template0", "template1")
                        .contains(database.name().value())) {
                    created = created.plus(setup.create(database, database.name()));
                }
            }
            for (DatabaseProperties database : databases.values()) {
                finished = finished.plus(setup.finish(database, database.name()));
            }

            assertThat(created.warnings()).isEmpty();
            assertThat(finished.failures()).isEmpty();
            assertThat(finished.warnings()).isEmpty();
            for (String query : List.of(PROPERTIES, PRIVILEGES, SETTINGS)) {
                assertThat(target.column("postgres", query)).isEqualTo(source.column("postgres", query));
            }
            for (DatabaseProperties database : databases.values()) {
                assertThat(setup.finish(database, database.name()).changes()).isEmpty();
            }
        }
    }

    @Test
    void settingsThatTheTargetRefusesAreLostAlone() throws Exception {
        try (EmbeddedServer source = EmbeddedServer.start("9.5");
                EmbeddedServer target = EmbeddedServer.start("18")) {
            source.sql(
                    "postgres",
                    "CREATE ROLE app; CREATE ROLE absent",
                    "CREATE DATABASE shop CONNECTION LIMIT 9",
                    "ALTER DATABASE shop SET sql_inheritance = off",
                    "ALTER DATABASE shop SET work_mem = '2MB'",
                    "ALTER ROLE app IN DATABASE shop SET sql_inheritance = off",
                    "ALTER ROLE app IN DATABASE shop SET search_path = a, \"B c\"",
                    "ALTER ROLE absent IN DATABASE shop SET work_mem = '1MB'",
                    "ALTER ROLE postgres IN DATABASE shop SET work_mem = '1MB'",
                    "GRANT CREATE ON DATABASE shop TO app, absent");
            target.sql("postgres", "CREATE ROLE app");
            Server from = Servers.source(source);
            DatabaseSetup setup = new DatabaseSetup(from, Servers.target(target), TablespaceChoice.SAME);
            DatabaseProperties shop = databases(from).get("shop");
            DatabaseName renamed = new DatabaseName("new shop");
            setup.create(shop, renamed);

            GlobalsResult result = setup.finish(shop, renamed);

            assertThat(result.failures()).isEmpty();
            assertThat(result.warnings())
                    .containsExactlyInAnyOrder(
                            "could not set setting sql_inheritance of database \"new shop\": unrecognized configuration"
                                    + " parameter \"sql_inheritance\"",
                            "could not set setting sql_inheritance of role \"app\" in database \"new shop\":"
                                    + " unrecognized configuration parameter \"sql_inheritance\"",
                            "setting work_mem of role \"absent\" in database \"new shop\" is left out: the target has"
                                    + " no role \"absent\"",
                            "setting work_mem of role \"postgres\" in database \"new shop\" is left out: role"
                                    + " \"postgres\" of the target is left as it is",
                            "privileges of \"absent\" on DATABASE \"new shop\" are left out: the target has no such"
                                    + " role");
            assertThat(target.column("postgres", SETTINGS))
                    .containsExactly("new shop|app|{\"search_path=a, \\\"B c\\\"\"}", "new shop|{work_mem=2MB}");
            assertThat(target.value("postgres", "SELECT datconnlimit FROM pg_database WHERE datname = 'new shop'"))
                    .isEqualTo("9");
        }
    }

    @Test
    void whatTheTargetLacksIsReplacedAndNamed() throws Exception {
        try (EmbeddedServer source = EmbeddedServer.start("14");
                EmbeddedServer target = EmbeddedServer.start("18")) {
            String folder = source.folder() + "/space";
            source.sql(
                    "postgres",
                    "CREATE ROLE owner",
                    "COPY (SELECT 1 WHERE false) TO PROGRAM " + Quote.literal("mkdir " + folder),
                    "CREATE TABLESPACE space LOCATION " + Quote.literal(folder),
                    "CREATE DATABASE shop OWNER owner TABLESPACE space");
            Server from = Servers.source(source);
            DatabaseSetup setup = new DatabaseSetup(from, Servers.target(target), TablespaceChoice.SAME);
            DatabaseProperties shop = databases(from).get("shop");

            GlobalsResult result = setup.create(shop, shop.name());

            assertThat(result.warnings())
                    .containsExactly(
                            "database \"shop\" belongs to \"postgres\": the target has no role \"owner\"",
                            "database \"shop\" is in pg_default: the target has no tablespace \"space\"");
            assertThat(setup.finish(shop, shop.name()).changes()).isEmpty();
            assertThatThrownBy(() -> setup.create(shop, shop.name()))
                    .isInstanceOf(PgconvoyException.class)
                    .hasMessageContaining("database \"shop\" already exists");
        }
    }

    @Test
    void localeProvidersArrive() throws Exception {
        try (EmbeddedServer source = EmbeddedServer.start("18");
                EmbeddedServer target = EmbeddedServer.start("18")) {
            source.sql(
                    "postgres",
                    "CREATE DATABASE built TEMPLATE template0 LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'");
            boolean icu = !source.column("postgres", "SELECT 1 FROM pg_collation WHERE collprovider = 'i'")
                    .isEmpty();
            if (icu) {
                source.sql(
                        "postgres",
                        "CREATE DATABASE german TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'de-u-co-phonebk'"
                                + " ICU_RULES '&z < ''a'''");
            }
            arrivesWithItsLocale(source, target, icu ? List.of("built", "german") : List.of("built"));
        }
    }

    @Test
    void anIcuDatabaseOf15Arrives() throws Exception {
        assumeTrue(EmbeddedServer.available("15"), "no PostgreSQL 15 here");
        try (EmbeddedServer source = EmbeddedServer.start("15");
                EmbeddedServer target = EmbeddedServer.start("18")) {
            String icu = "SELECT 1 FROM pg_collation WHERE collprovider = 'i' LIMIT 1";
            assumeTrue(
                    !source.column("postgres", icu).isEmpty()
                            && !target.column("postgres", icu).isEmpty(),
                    "built without ICU");
            source.sql("postgres", "CREATE DATABASE german TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'de-DE'");
            Server from = Servers.source(source);
            DatabaseProperties german = databases(from).get("german");

            new DatabaseSetup(from, Servers.target(target), TablespaceChoice.SAME).create(german, german.name());

            assertThat(target.value(
                            "postgres",
                            "SELECT concat_ws('|', datlocprovider, datlocale, datcollate) FROM pg_database"
                                    + " WHERE datname = 'german'"))
                    .isEqualTo("i|de-DE|C");
        }
    }

    /** Files are copied between two checkpoints, which are cheap only while nothing is synced. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void filesAreCopiedWhileNothingIsSynced(boolean synced) throws Exception {
        try (EmbeddedServer source = EmbeddedServer.start("14");
                EmbeddedServer target =
                        EmbeddedServer.start(ServerOptions.of("18").withSetting("fsync", synced ? "on" : "off"))) {
            source.sql("postgres", "CREATE DATABASE plain");
            Server from = Servers.source(source);
            DatabaseProperties plain = databases(from).get("plain");
            String checkpoint = "SELECT checkpoint_lsn FROM pg_control_checkpoint()";
            String before = target.value("postgres", checkpoint);

            new DatabaseSetup(from, Servers.target(target), TablespaceChoice.SAME).create(plain, plain.name());

            assertThat(target.value("postgres", checkpoint).equals(before)).isEqualTo(synced);
        }
    }

    private static void arrivesWithItsLocale(EmbeddedServer source, EmbeddedServer target, List<String> names)
            throws SQLException {
        Server from = Servers.source(source);
        DatabaseSetup setup = new DatabaseSetup(from, Servers.target(target), TablespaceChoice.SAME);
        for (String name : names) {
            DatabaseProperties database = databases(from).get(name);
            assertThat(setup.create(database, database.name()).warnings()).isEmpty();
        }
        String query =
                "SELECT concat_ws('|', datname, datlocprovider, datlocale, daticurules, datcollate, datctype) FROM"
                        + " pg_database ORDER BY datname";
        assertThat(target.column("postgres", query)).isEqualTo(source.column("postgres", query));
    }

    private static void load(EmbeddedServer source) throws SQLException {
        String weird = Quote.identifier(WEIRD);
        source.sql(
                "postgres",
                "CREATE ROLE owner; CREATE ROLE app; CREATE ROLE friend; CREATE ROLE \"Gu\"\"est\"",
                "CREATE DATABASE plain",
                "CREATE DATABASE latin OWNER owner TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'",
                "CREATE DATABASE ascii TEMPLATE template0 ENCODING 'SQL_ASCII' CONNECTION LIMIT 0",
                "CREATE DATABASE " + weird + " OWNER owner CONNECTION LIMIT 3",
                "COMMENT ON DATABASE " + weird + " IS " + Quote.literal(COMMENT),
                "ALTER DATABASE " + weird + " SET default_transaction_read_only = on",
                "ALTER DATABASE " + weird + " SET search_path = \"$user\", \"a\"\"b\", \"c, d\", public",
                "ALTER DATABASE " + weird + " SET temp_tablespaces = ''",
                "ALTER DATABASE " + weird + " SET role = 'app'",
                "ALTER ROLE \"Gu\"\"est\" IN DATABASE " + weird + " SET statement_timeout = '30s'",
                "REVOKE ALL ON DATABASE " + weird + " FROM PUBLIC, owner",
                "GRANT CONNECT ON DATABASE " + weird + " TO owner",
                "GRANT CONNECT, TEMP ON DATABASE " + weird + " TO app WITH GRANT OPTION",
                "SET ROLE app",
                "GRANT CONNECT ON DATABASE " + weird + " TO friend WITH GRANT OPTION",
                "SET ROLE friend",
                "GRANT CONNECT ON DATABASE " + weird + " TO \"Gu\"\"est\"",
                "RESET ROLE",
                "CREATE DATABASE closed",
                "REVOKE ALL ON DATABASE closed FROM PUBLIC, postgres",
                "ALTER DATABASE closed WITH ALLOW_CONNECTIONS false",
                "CREATE DATABASE house IS_TEMPLATE true OWNER app",
                "COMMENT ON DATABASE postgres IS 'ours'",
                "REVOKE TEMP ON DATABASE postgres FROM PUBLIC",
                "ALTER DATABASE postgres SET work_mem = '5MB'");
    }

    private static Map<String, DatabaseProperties> databases(Server server) throws SQLException {
        Map<String, DatabaseProperties> databases = new TreeMap<>();
        try (Session session = server.session("test")) {
            for (DatabaseProperties database : DatabaseCatalog.list(session)) {
                databases.put(database.name().value(), database);
            }
        }
        return databases;
    }
}
