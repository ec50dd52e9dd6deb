package io.pgconvoy.testing;

import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Databases of one test on a shared server: uniquely named, dropped when closed. Not thread-safe. */
public final class TestDatabases implements AutoCloseable {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final EmbeddedServer server;
    private final Deque<String> names = new ArrayDeque<>();

    private TestDatabases(EmbeddedServer server) {
        this.server = server;
    }

    public static TestDatabases on(EmbeddedServer server) {
        return new TestDatabases(server);
    }

    /** Creates an empty database and returns its name. */
    public String create() throws SQLException {
        return create("test");
    }

    /** Creates an empty database whose name starts with this, and returns the name. */
    public String create(String prefix) throws SQLException {
        String name = unique(prefix);
        server.sql("postgres", "CREATE DATABASE " + Quote.identifier(name) + " TEMPLATE template0");
        return alsoDrop(name);
    }

    /** Creates an empty database of encoding SQL_ASCII, which holds any bytes, and returns its name. */
    public String createOfAnyBytes() throws SQLException {
        String name = unique("any_bytes");
        server.sql("postgres", RawStatement.createDatabase(name, "SQL_ASCII"));
        return alsoDrop(name);
    }

    private static String unique(String prefix) {
        return prefix + "_" + ProcessHandle.current().pid() + "_" + NUMBER.incrementAndGet();
    }

    /** Has a database dropped at the end that the test itself creates, or the code under test. */
    public String alsoDrop(String name) {
        names.push(name);
        return name;
    }

    @Override
    public void close() throws SQLException {
        while (!names.isEmpty()) {
            drop(server, names.pop());
        }
    }

    /** Drops a database, if it is there, with everybody who is connected to it. */
    public static void drop(EmbeddedServer server, String name) throws SQLException {
        if (server.column("postgres", "SELECT 1 FROM pg_database WHERE datname = " + Quote.literal(name))
                .isEmpty()) {
            return;
        }
        dropSubscriptions(server, name);
        server.sql(
                "postgres",
                // A template cannot be dropped, nor a database that somebody connects to in between.
                "UPDATE pg_database SET datistemplate = false, datallowconn = false WHERE datname = "
                        + Quote.literal(name),
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = " + Quote.literal(name)
                        + " AND pid <> pg_backend_pid()",
                "DROP DATABASE " + Quote.identifier(name));
    }

    /** A database with a subscription cannot be dropped, and a subscription is dropped only from its own database. */
    private static void dropSubscriptions(EmbeddedServer server, String database) throws SQLException {
        if (server.version().startsWith("9.")) {
            return;
        }
        List<String> subscriptions = server.column(
                "postgres",
                "SELECT subname FROM pg_subscription JOIN pg_database d ON d.oid = subdbid WHERE datname = "
                        + Quote.literal(database));
        for (String subscription : subscriptions) {
            String quoted = Quote.identifier(subscription);
            server.sql(
                    database,
                    "ALTER SUBSCRIPTION " + quoted + " DISABLE",
                    "ALTER SUBSCRIPTION " + quoted + " SET (slot_name = NONE)",
                    "DROP SUBSCRIPTION " + quoted);
        }
    }
}
