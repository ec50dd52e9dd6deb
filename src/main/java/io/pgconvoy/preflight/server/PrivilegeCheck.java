package io.pgconvoy.preflight.server;

import io.pgconvoy.catalog.ServerStatus;
import io.pgconvoy.config.Side;
import io.pgconvoy.model.Finding;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.SqlFailure;
import io.pgconvoy.postgres.SqlState;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.ServerCheck;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether both users may do what they will have to. What the source's user may not read is found database by database; see
 * {@link ReadableTableCheck} and {@link RowSecurityCheck}.
 *
 * @see <a href="https://www.postgresql.org/docs/current/role-attributes.html">Role Attributes</a>
 */
public final class PrivilegeCheck extends ServerCheck {
    public PrivilegeCheck() {
        super("privileges", "blocker, warning", "no CREATEDB on the target; what a user who is no superuser may not");
    }

    @Override
    public List<Finding> run(CheckContext context) {
        List<Finding> findings = new ArrayList<>();
        ServerStatus target = context.target().status();
        if (!target.createDatabase()) {
            findings.add(blocker(
                    context.target().label() + ": role " + target.user() + " may not create databases",
                    "Connect as a superuser, or ALTER ROLE ... CREATEDB."));
        } else if (!target.superuser()) {
            findings.add(warning(
                    context.target().label() + ": role " + target.user() + " is no superuser: it may not "
                            + String.join(", ", refused(context)),
                    "Connect as a superuser where that is possible; otherwise each thing left out is named in the"
                            + " summary."));
        }
        if (!target.superuser()
                && context.config().deferral().isAsked()
                && !maySetReplicationRole(context.onTarget())) {
            findings.add(deferral(context));
        }
        if (!context.source().status().superuser()) {
            findings.add(warning(
                    context.source().label() + ": role "
                            + context.source().status().user()
                            + " is no superuser: what it may not read makes its database fail"
                            + (context.source().status().readsAllPasswords() ? "" : ", and passwords stay behind"),
                    "Connect as a superuser where that is possible."));
        }
        return findings;
    }

    private static List<String> refused(CheckContext context) {
        Session target = context.onTarget();
        List<String> refused = new ArrayList<>();
        if (context.config().migrateGlobals()) {
            boolean createRole = target.flag("SELECT rolcreaterole FROM pg_roles WHERE rolname = session_user");
            refused.add(
                    createRole ? "give roles attributes that it does not have" : "create roles (it has no CREATEROLE)");
        }
        refused.add("give objects to roles that it is no member of");
        refused.add("create extensions that are not trusted");
        if (context.config().dropExisting()
                && context.target().version().isAtLeast(ServerVersion.V10)
                && !target.flag("SELECT pg_has_role(session_user, 'pg_signal_backend', 'USAGE')")) {
            refused.add("end other users' sessions");
        }
        return refused;
    }

    private Finding deferral(CheckContext context) {
        String what = context.target().label() + ": role "
                + context.target().status().user()
                + " may not set session_replication_role, which loading deferred tables takes";
        String advice = context.target().version().isAtLeast(ServerVersion.V15)
                ? "GRANT SET ON PARAMETER session_replication_role TO this role, connect as a superuser, or defer no"
                        + " tables."
                : "Connect as a superuser, or defer no tables.";
        // A limit of size alone may be one that no table reaches.
        return context.config().deferral().patterns().isEmpty()
                ? warning(what, advice).on(Side.TARGET)
                : blocker(what, advice).on(Side.TARGET);
    }

    private static boolean maySetReplicationRole(Session target) {
        try {
            return target.rolledBack(session -> {
                session.execute("SET LOCAL session_replication_role = replica");
                return true;
            });
        } catch (SqlFailure refused) {
            if (SqlState.isPrivilege(refused)) {
                return false;
            }
            throw refused;
        }
    }
}
