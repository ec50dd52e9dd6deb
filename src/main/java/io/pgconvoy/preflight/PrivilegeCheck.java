package io.pgconvoy.preflight;

import io.pgconvoy.catalog.ServerStatus;
import io.pgconvoy.config.Side;
import io.pgconvoy.model.Finding;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.SqlState;
import io.pgconvoy.postgres.Transaction;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether both users may do what they will have to. What the source's user may not read is found database by database; see
 * {@link ReadableTableCheck} and {@link RowSecurityCheck}.
 *
 * @see <a href="https://www.postgresql.org/docs/current/role-attributes.html">Role Attributes</a>
 */
final class PrivilegeCheck implements ServerCheck {
    @Override
    public String name() {
        return "privileges";
    }

    @Override
    public List<Finding> run(Situation situation) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        ServerStatus target = situation.target().status();
        if (!target.createDatabase()) {
            findings.add(Finding.blocker(
                    name(),
                    situation.target().label() + ": role " + target.user() + " may not create databases",
                    "Connect as a superuser, or ALTER ROLE ... CREATEDB."));
        } else if (!target.superuser()) {
            findings.add(Finding.warning(
                    name(),
                    situation.target().label() + ": role " + target.user() + " is no superuser: it may not "
                            + String.join(", ", refused(situation)),
                    "Connect as a superuser where that is possible; otherwise each thing left out is named in the"
                            + " summary."));
        }
        if (!target.superuser()
                && situation.config().deferral().isAsked()
                && !maySetReplicationRole(situation.target().connection())) {
            findings.add(deferral(situation));
        }
        if (!situation.source().status().superuser()) {
            findings.add(Finding.warning(
                    name(),
                    situation.source().label() + ": role "
                            + situation.source().status().user()
                            + " is no superuser: what it may not read makes its database fail"
                            + (situation.source().status().readsAllPasswords() ? "" : ", and passwords stay behind"),
                    "Connect as a superuser where that is possible."));
        }
        return findings;
    }

    private static List<String> refused(Situation situation) throws SQLException {
        Connection target = situation.target().connection();
        List<String> refused = new ArrayList<>();
        if (situation.config().migrateGlobals()) {
            boolean createRole = Rows.flag(target, "SELECT rolcreaterole FROM pg_roles WHERE rolname = session_user");
            refused.add(
                    createRole ? "give roles attributes that it does not have" : "create roles (it has no CREATEROLE)");
        }
        refused.add("give objects to roles that it is no member of");
        refused.add("create extensions that are not trusted");
        if (situation.config().dropExisting()
                && situation.target().version().isAtLeast(ServerVersion.V10)
                && !Rows.flag(target, "SELECT pg_has_role(session_user, 'pg_signal_backend', 'USAGE')")) {
            refused.add("end other users' sessions");
        }
        return refused;
    }

    private Finding deferral(Situation situation) {
        String what = situation.target().label() + ": role "
                + situation.target().status().user()
                + " may not set session_replication_role, which loading deferred tables takes";
        String advice = situation.target().version().isAtLeast(ServerVersion.V15)
                ? "GRANT SET ON PARAMETER session_replication_role TO this role, connect as a superuser, or defer no"
                        + " tables."
                : "Connect as a superuser, or defer no tables.";
        // A limit of size alone may be one that no table reaches.
        return situation.config().deferral().patterns().isEmpty()
                ? Finding.warning(name(), what, advice).on(Side.TARGET)
                : Finding.blocker(name(), what, advice).on(Side.TARGET);
    }

    private static boolean maySetReplicationRole(Connection target) throws SQLException {
        try {
            return Transaction.rolledBack(target, statement -> {
                statement.execute("SET LOCAL session_replication_role = replica");
                return true;
            });
        } catch (SQLException refused) {
            if (SqlState.isPrivilege(refused)) {
                return false;
            }
            throw refused;
        }
    }
}
