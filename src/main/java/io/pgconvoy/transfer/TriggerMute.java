package io.pgconvoy.transfer;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.journal.DeferralMarkers.Deferred;
import io.pgconvoy.journal.DeferralMarkers.DeferredTable;
import io.pgconvoy.journal.DeferralMarkers.DeferredTrigger;
import io.pgconvoy.postgres.Cancellation;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Sql;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Has triggers of deferred tables behave while the data is loaded with {@code session_replication_role = replica}, and
 * puts them back. For clients nothing changes:
 *
 * <ul>
 *   <li>A trigger that is enabled always would fire for each loaded row; meanwhile it is enabled as most are.
 *   <li>A trigger that is enabled for a replica would fire for the load alone; meanwhile it is disabled.
 *   <li>A DEFERRABLE unique or exclusion constraint is checked by a trigger of the server's own, which would not fire: a
 *       key that a client has used would be loaded a second time. Meanwhile it is enabled always.
 * </ul>
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-altertable.html">ALTER TABLE</a>
 */
public final class TriggerMute {
    private static final String ALWAYS = "A";
    private static final String REPLICA = "R";
    private static final String ORIGIN = "O";
    private static final String DISABLED = "D";

    private final PatientDdl ddl;

    public TriggerMute(Server target, Cancellation cancellation) {
        this(new PatientDdl(target, cancellation));
    }

    /** With another time to wait for locks. */
    TriggerMute(Server target, Cancellation cancellation, Duration patience) {
        this(new PatientDdl(target, cancellation, patience));
    }

    private TriggerMute(PatientDdl ddl) {
        this.ddl = ddl;
    }

    /** @param recheck whether it is the server's own, that checks a deferrable constraint */
    private record Trigger(String enabled, boolean recheck) {}

    /** To be called before the load; may be repeated. */
    public void mute(DatabaseName database, Deferred deferred) {
        for (DeferredTable table : deferred.tables()) {
            Map<String, String> loud = enabled(deferred, table);
            ddl.run(database, "muting triggers of table " + table.label(), (connection, statement) -> {
                Map<String, String> changes = new TreeMap<>();
                triggers(connection, table).forEach((name, trigger) -> {
                    if (trigger.recheck()) {
                        change(changes, name, trigger, ALWAYS);
                    } else if (loud.containsKey(name) && trigger.enabled().equals(ALWAYS)) {
                        changes.put(name, ORIGIN);
                    } else if (loud.containsKey(name) && trigger.enabled().equals(REPLICA)) {
                        changes.put(name, DISABLED);
                    }
                });
                alter(statement, table, changes);
                return null;
            });
        }
    }

    /**
     * To be called after the load, also one that failed: gives every trigger the state that it has on the source. May be
     * repeated.
     *
     * @return a warning for each trigger that is not there any more
     */
    public List<String> restore(DatabaseName database, Deferred deferred) {
        List<String> warnings = new ArrayList<>();
        for (DeferredTable table : deferred.tables()) {
            Map<String, String> loud = enabled(deferred, table);
            warnings.addAll(ddl.run(
                    database, "restoring triggers of table " + table.label(), (connection, statement) -> {
                        Map<String, Trigger> present = triggers(connection, table);
                        Map<String, String> changes = new TreeMap<>();
                        present.forEach((name, trigger) -> {
                            if (trigger.recheck()) {
                                change(changes, name, trigger, ORIGIN);
                            } else if (loud.containsKey(name)) {
                                change(changes, name, trigger, loud.get(name));
                            }
                        });
                        alter(statement, table, changes);
                        return loud.keySet().stream()
                                .filter(name -> !present.containsKey(name))
                                .sorted()
                                .map(name -> "trigger " + name + " of table " + table.label()
                                        + " was dropped while the table was loaded")
                                .toList();
                    }));
        }
        return warnings;
    }

    private static Map<String, String> enabled(Deferred deferred, DeferredTable table) {
        Map<String, String> enabled = new HashMap<>();
        for (DeferredTrigger trigger : deferred.triggers()) {
            if (trigger.tableOid() == table.oid()) {
                enabled.put(trigger.name(), trigger.enabled());
            }
        }
        return enabled;
    }

    private static Map<String, Trigger> triggers(Connection connection, DeferredTable table) throws SQLException {
        String sql = """
                SELECT t.tgname, t.tgenabled, t.tgfoid = 'pg_catalog.unique_key_recheck'::regproc
                  FROM pg_trigger t
                  JOIN pg_class c ON c.oid = t.tgrelid
                  JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE n.nspname = ? AND c.relname = ?
                """;
        Map<String, Trigger> triggers = new TreeMap<>();
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            query.setString(1, table.schema());
            query.setString(2, table.name());
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    triggers.put(row.getString(1), new Trigger(row.getString(2), row.getBoolean(3)));
                }
            }
        }
        return triggers;
    }

    private static void change(Map<String, String> changes, String name, Trigger trigger, String enabled) {
        if (!trigger.enabled().equals(enabled)) {
            changes.put(name, enabled);
        }
    }

    /** One statement for all triggers of a table; none, and no lock, where nothing is to be changed. */
    private static void alter(Statement statement, DeferredTable table, Map<String, String> changes)
            throws SQLException {
        List<String> actions = new ArrayList<>();
        changes.forEach((name, enabled) -> actions.add(action(enabled) + " TRIGGER " + Sql.identifier(name)));
        if (!actions.isEmpty()) {
            statement.execute("ALTER TABLE ONLY " + Sql.qualified(table.schema(), table.name()) + " "
                    + String.join(", ", actions));
        }
    }

    private static String action(String enabled) {
        return switch (enabled) {
            case ALWAYS -> "ENABLE ALWAYS";
            case REPLICA -> "ENABLE REPLICA";
            case DISABLED -> "DISABLE";
            default -> "ENABLE";
        };
    }
}
