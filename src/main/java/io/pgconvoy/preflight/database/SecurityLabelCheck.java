package io.pgconvoy.preflight.database;

import io.pgconvoy.model.Finding;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.Sql;
import io.pgconvoy.postgres.SqlFailure;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.DatabaseCheck;
import io.pgconvoy.preflight.Sign;
import io.pgconvoy.preflight.SourceDatabase;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Security labels, whose provider the target must have loaded. No catalog tells which ones those are, so the target is
 * asked to label an object that does not exist: it looks for the provider first, and changes nothing either way.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-security-label.html">SECURITY LABEL</a>
 */
public final class SecurityLabelCheck extends DatabaseCheck {
    private static final String NO_SUCH_OBJECT = "pgconvoy asks, this schema does not exist";
    /** What ExecSecLabelStmt reports where the provider is not loaded. */
    private static final String INVALID_PARAMETER_VALUE = "22023";

    private final Map<String, Boolean> loaded = new HashMap<>();

    public SecurityLabelCheck() {
        super("security-labels", "blocker\\*", "security labels whose provider the target has not loaded");
    }

    @Override
    public List<Sign> signs(CheckContext context) {
        return List.of(Sign.filled("pg_seclabel"));
    }

    @Override
    public List<Finding> run(CheckContext context, SourceDatabase database) {
        Session target = context.onTarget();
        return database.session().texts("SELECT DISTINCT provider FROM pg_seclabel ORDER BY 1").stream()
                .filter(provider -> !loaded.computeIfAbsent(provider, unknown -> isLoaded(target, provider)))
                .map(provider -> refused(
                                context,
                                "the target has not loaded the provider of security labels " + provider,
                                "Add its library to shared_preload_libraries on the target and restart it, or take the"
                                        + " labels away on the source: SECURITY LABEL ... IS NULL.")
                        .at(database.itself()))
                .toList();
    }

    private static boolean isLoaded(Session target, String provider) {
        try {
            target.execute("SECURITY LABEL FOR " + Sql.identifier(provider) + " ON SCHEMA "
                    + Sql.identifier(NO_SUCH_OBJECT) + " IS NULL");
            return true;
        } catch (SqlFailure refusal) {
            if (refusal.state().isEmpty() || refusal.state().startsWith("08")) {
                throw refusal;
            }
            return !INVALID_PARAMETER_VALUE.equals(refusal.state());
        }
    }
}
