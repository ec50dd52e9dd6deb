package io.pgconvoy.preflight;

import io.pgconvoy.config.Side;
import io.pgconvoy.model.Finding;
import io.pgconvoy.postgres.ServerVersion;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Whether the target can be tuned for the load, where that is wanted: ALTER SYSTEM takes a superuser, or from 15 on grants
 * for single settings, and can be forbidden altogether from 17 on.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-altersystem.html">ALTER SYSTEM</a>
 */
final class AlterSystemCheck implements ServerCheck {
    /** Of the settings that are tuned, those that gain most. */
    private static final List<String> SETTINGS = List.of("autovacuum", "maintenance_work_mem", "max_wal_size");

    @Override
    public String name() {
        return "alter-system";
    }

    @Override
    public List<Finding> run(Situation situation) throws SQLException {
        ServerSession target = situation.target();
        if (!situation.config().tuneTarget()) {
            return List.of();
        }
        Connection connection = target.connection();
        if (target.version().isAtLeast(ServerVersion.V17)
                && !Rows.flag(connection, "SELECT current_setting('allow_alter_system')::boolean")) {
            return List.of(note(
                    target.label()
                            + " has allow_alter_system = off, so it is not tuned for the load, which takes longer",
                    "Set allow_alter_system = on in its configuration for the time of the migration."));
        }
        if (target.status().superuser()) {
            return List.of();
        }
        boolean granted = target.version().isAtLeast(ServerVersion.V15)
                && Rows.flag(
                        connection,
                        "SELECT bool_and(has_parameter_privilege(name, 'ALTER SYSTEM')) FROM unnest(?) AS s (name)",
                        SETTINGS);
        return granted
                ? List.of()
                : List.of(note(
                        target.label() + ": role " + target.status().user()
                                + " may not ALTER SYSTEM, so the target is not tuned for the load, which takes longer",
                        target.version().isAtLeast(ServerVersion.V15)
                                ? "Connect as a superuser, or GRANT ALTER SYSTEM ON PARAMETER "
                                        + String.join(", ", SETTINGS)
                                        + " TO this role; managed services have settings of"
                                        + " their own for max_wal_size and maintenance_work_mem."
                                : "Connect as a superuser where that is possible."));
    }

    private Finding note(String what, String advice) {
        return Finding.note(name(), what, advice).on(Side.TARGET);
    }
}
