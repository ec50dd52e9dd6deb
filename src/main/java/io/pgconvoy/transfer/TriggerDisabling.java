package io.pgconvoy.transfer;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.journal.DeferralMarkers.Deferred;
import io.pgconvoy.journal.DeferralMarkers.DeferredTable;
import io.pgconvoy.journal.DeferralMarkers.DeferredTrigger;
import io.pgconvoy.postgres.Ddl;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.Sql;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;

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
public final class TriggerDisabling {
    private static final String ALWAYS = "A";
    private static final String REPLICA = "R";
    private static final String ORIGIN = "O";
    private static final String DISABLED = "D";

    private final Ddl ddl;

    public TriggerDisabling(Server target) {
        this.ddl = new Ddl(target);
    }

    /** With another time to wait for locks. */
    TriggerDisabling(Server target, Duration patience) {
        this.ddl = new Ddl(target, patience);
    }

    /** @param recheck whether it is the server's own, that checks a deferrable constraint */
    private record Trigger(String enabled, boolean recheck) {}

    /** To be called before the load; idempotent. */
    public void disable(DatabaseName database, Deferred deferred) {
        for (DeferredTable table : deferred.tables()) {
            Map<String, String> loud = enabled(deferred, table);
            change(database, "disabling triggers of table ", table, (name, trigger) -> {
                if (trigger.recheck()) {
                    return ALWAYS;
                }
                if (!loud.containsKey(name)) {
                    return trigger.enabled();
                }
                return switch (trigger.enabled()) {
                    case ALWAYS -> ORIGIN;
                    case REPLICA -> DISABLED;
                    default -> trigger.enabled();
                };
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
            Set<String> present = change(
                    database,
                    "restoring triggers of table ",
                    table,
                    (name, trigger) -> trigger.recheck() ? ORIGIN : loud.getOrDefault(name, trigger.enabled()));
            loud.keySet().stream()
                    .filter(name -> !present.contains(name))
                    .sorted()
                    .map(name -> "trigger " + name + " of table " + table.label()
                            + " was dropped while the table was loaded")
                    .forEach(warnings::add);
        }
        return warnings;
    }

    /**
     * Changes a table's triggers by one statement; by none, so that nothing is locked, where all are as they should be.
     *
     * @param wanted gives a trigger's state
     * @return the names of all
     */
    private Set<String> change(
            DatabaseName database, String doing, DeferredTable table, BiFunction<String, Trigger, String> wanted) {
        return ddl.committed(database, doing + table.label(), session -> {
            Map<String, Trigger> triggers = triggers(session, table);
            List<String> actions = new ArrayList<>();
            triggers.forEach((name, trigger) -> {
                String state = wanted.apply(name, trigger);
                if (!state.equals(trigger.enabled())) {
                    actions.add(action(state) + " TRIGGER " + Sql.identifier(name));
                }
            });
            if (!actions.isEmpty()) {
                session.execute("ALTER TABLE ONLY " + Sql.qualified(table.schema(), table.name()) + " "
                        + String.join(", ", actions));
            }
            return triggers.keySet();
        });
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

    private static Map<String, Trigger> triggers(Session session, DeferredTable table) {
        String sql = """
                SELECT t.tgname, t.tgenabled, t.tgfoid = 'pg_catalog.unique_key_recheck'::regproc
                  FROM pg_trigger t
                  JOIN pg_class c ON c.oid = t.tgrelid
                  JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE n.nspname = ? AND c.relname = ?
                """;
        Map<String, Trigger> triggers = new TreeMap<>();
        session.each(
                sql,
                row -> triggers.put(row.getString(1), new Trigger(row.getString(2), row.getBoolean(3))),
                table.schema(),
                table.name());
        return triggers;
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
