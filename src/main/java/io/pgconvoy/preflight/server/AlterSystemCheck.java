package io.pgconvoy.preflight.server;

import io.pgconvoy.config.Side;
import io.pgconvoy.model.Finding;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.ServerCheck;
import io.pgconvoy.preflight.ServerSession;
import java.util.List;

/**
 * Whether the target can be tuned for the load, where that is wanted: ALTER SYSTEM takes a superuser, or from 15 on grants
 * for single settings, and can be forbidden altogether from 17 on.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-altersystem.html">ALTER SYSTEM</a>
 */
public final class AlterSystemCheck extends ServerCheck {
    /** Of the settings that are tuned, those that gain most. */
    private static final List<String> SETTINGS = List.of("autovacuum", "maintenance_work_mem", "max_wal_size");

    public AlterSystemCheck() {
        super("alter-system", "note", "a target that cannot be tuned");
    }

    @Override
    public List<Finding> run(CheckContext context) {
        ServerSession target = context.target();
        if (!context.config().tuneTarget()) {
            return List.of();
        }
        Session session = target.session();
        if (target.version().isAtLeast(ServerVersion.V17)
                && !session.flag("SELECT current_setting('allow_alter_system')::boolean")) {
            return List.of(note(
                            target.label()
                                    + " has allow_alter_system = off, so it is not tuned for the load, which takes longer",
                            "Set allow_alter_system = on in its configuration for the time of the migration.")
                    .on(Side.TARGET));
        }
        if (target.status().superuser()) {
            return List.of();
        }
        boolean granted = target.version().isAtLeast(ServerVersion.V15)
                && session.flag(
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
                                        : "Connect as a superuser where that is possible.")
                        .on(Side.TARGET));
    }
}
