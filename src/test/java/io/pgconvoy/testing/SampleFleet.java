package io.pgconvoy.testing;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * A whole server's worth of roles and databases of very different sizes, with as many kinds of objects and as many awkward
 * names and settings as a migration may meet. Works on servers from 9.5 on. The content is the same every time.
 */
public final class SampleFleet {
    /** A database that is marked as a template, and so is not one of {@link #databases()}. */
    public static final String TEMPLATE = "house_template";

    private static final Map<String, EmbeddedServer> SHARED = new ConcurrentHashMap<>();

    private SampleFleet() {}

    /** This JVM's one server of a major version that holds a small fleet; tests share it and must not change it. */
    public static EmbeddedServer shared(String version) {
        return SHARED.computeIfAbsent(version, missing -> {
            EmbeddedServer server =
                    EmbeddedServer.start(ServerOptions.of(missing).withoutSync());
            try {
                load(server::connect, 0.1);
                return server;
            } catch (SQLException e) {
                server.close();
                throw new IllegalStateException(e);
            }
        });
    }

    /** The names of the databases that a migration moves, templates left out. */
    public static List<String> databases() {
        return fleet().stream()
                .map(FleetDatabase::name)
                .filter(name -> !name.equals(TEMPLATE))
                .toList();
    }

    /** The names of the roles. */
    public static List<String> roles() {
        return FleetRoles.NAMES;
    }

    /**
     * Creates the fleet's roles and databases on a server that has none of them.
     *
     * @param scale 1 for about 30 MB of tables and indexes besides the databases' own catalogs; 10 for about ten times
     *     as much
     */
    public static void load(Connector server, double scale) throws SQLException {
        int version = version(server);
        run(server, "postgres", version, scale, FleetRoles::create);
        // Old servers look only every 100 ms whether a new database's checkpoint is done: several wait at the same
        // time.
        ExecutorService workers = Executors.newFixedThreadPool(4);
        try {
            List<Future<Void>> loads = new ArrayList<>();
            for (FleetDatabase database : fleet()) {
                loads.add(workers.submit(() -> {
                    load(server, version, scale, database);
                    return null;
                }));
            }
            for (Future<Void> load : loads) {
                load.get();
            }
        } catch (ExecutionException e) {
            throw new SQLException("cannot load the fleet: " + e.getCause().getMessage(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SQLException("interrupted while loading the fleet", e);
        } finally {
            workers.shutdownNow();
        }
    }

    private static void load(Connector server, int version, double scale, FleetDatabase database) throws SQLException {
        run(
                server,
                "postgres",
                version,
                scale,
                script -> script.add("CREATE DATABASE " + database.quotedName() + " " + database.properties()));
        run(server, database.name(), version, scale, database.content());
        run(server, "postgres", version, scale, database.finish());
    }

    /** Puts some of a user's objects into the database postgres, where they do not belong but often are. */
    public static void loadIntoPostgres(Connector server) throws SQLException {
        run(server, "postgres", version(server), 1, script -> script.add("""
                        CREATE SCHEMA jobs;
                        CREATE TABLE jobs.job (id serial PRIMARY KEY, command text);
                        INSERT INTO jobs.job (command) SELECT 'VACUUM t' || i FROM generate_series(1, 10) i;
                        """));
    }

    /**
     * Puts tablespaces and a database in one of them on a server that has the fleet.
     *
     * @param fast an empty folder of the server's user
     * @param slow another one
     */
    static void loadTablespaces(Connector server, Path fast, Path slow) throws SQLException {
        int version = version(server);
        run(server, "postgres", version, 1, script -> FleetSpaces.create(script, fast, slow));
        load(server, version, 1, FleetSpaces.database());
    }

    private static List<FleetDatabase> fleet() {
        List<FleetDatabase> fleet = new ArrayList<>();
        fleet.add(FleetDatabase.of("shop", FleetShop::fill)
                .with("OWNER app_owner CONNECTION LIMIT 25")
                .finishedBy(FleetShop::finish));
        fleet.add(FleetDatabase.of("analytics", FleetAnalytics::fill).with("OWNER \"o'brien\""));
        fleet.add(FleetDatabase.of("documents", FleetDocuments::fill));
        fleet.add(FleetDatabase.of("types", FleetTypes::fill));
        fleet.add(FleetDatabase.of("logic", FleetLogic::fill));
        fleet.add(FleetDatabase.of("security", FleetSecurity::fill).with("OWNER \"back\\slash; \"\"x\"\"\""));
        fleet.add(FleetDatabase.of("extensions", FleetExtensions::fill));
        fleet.add(FleetDatabase.of("kinds", FleetKinds::fill));
        fleet.add(FleetDatabase.of("storage", FleetStorage::fill).with("OWNER team_b"));
        fleet.add(FleetDatabase.of("names", FleetNames::all));
        fleet.add(
                FleetDatabase.of("latin1", FleetLegacy::latin1).with("ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'"));
        fleet.add(FleetDatabase.of("sql_ascii", FleetLegacy::sqlAscii)
                .with("ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'"));
        fleet.add(FleetDatabase.of("touchy", FleetLegacy::touchy).finishedBy(FleetLegacy::touchyFinish));
        fleet.add(FleetDatabase.of("read_only", FleetNames.small("a table")).finishedBy(FleetLegacy::readOnlyFinish));
        fleet.add(FleetDatabase.of("empty", script -> {}));
        fleet.add(FleetDatabase.of(TEMPLATE, FleetNames.small("in a template")).with("IS_TEMPLATE true"));
        for (String name : FleetNames.NASTY) {
            fleet.add(FleetDatabase.of(name, FleetNames.small(name)).finishedBy(script -> decorate(script, name)));
        }
        return List.copyOf(fleet);
    }

    private static void decorate(Script script, String name) {
        String quoted = Quote.identifier(name);
        script.add("COMMENT ON DATABASE " + quoted + " IS " + Quote.literal(name));
        script.add("ALTER DATABASE " + quoted + " SET \"app.name\" = " + Quote.literal(name));
        FleetRoles.settingsInDatabase(script, quoted);
    }

    private static void run(Connector server, String database, int version, double scale, Consumer<Script> content)
            throws SQLException {
        Script script = new Script(version, scale);
        content.accept(script);
        if (script.statements().isEmpty()) {
            return;
        }
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            for (String sql : script.statements()) {
                try {
                    statement.execute(sql);
                } catch (SQLException e) {
                    throw new SQLException(e.getMessage() + "\nin " + database + ": " + sql, e.getSQLState(), e);
                }
            }
        }
    }

    private static int version(Connector server) throws SQLException {
        try (Connection connection = server.connect("postgres");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SHOW server_version_num")) {
            rows.next();
            return rows.getInt(1);
        }
    }
}
