package io.pgconvoy.preflight;

import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.postgres.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Security labels, whose provider the target must have loaded. No catalog tells which ones those are, so the target is
 * asked to label an object that does not exist: it looks for the provider first, and changes nothing either way.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-security-label.html">SECURITY LABEL</a>
 */
final class SecurityLabelCheck implements DatabaseCheck {
    private static final String NO_SUCH_OBJECT = "pgconvoy asks, this schema does not exist";
    /** What ExecSecLabelStmt reports where the provider is not loaded. */
    private static final String INVALID_PARAMETER_VALUE = "22023";

    private final Map<String, Boolean> loaded = new HashMap<>();

    @Override
    public String name() {
        return "security-labels";
    }

    @Override
    public List<Finding> run(Situation situation, SourceDatabase database) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        for (String provider :
                UserObjects.column(database.connection(), "SELECT DISTINCT provider FROM pg_seclabel ORDER BY 1")) {
            if (!isLoaded(situation.target().connection(), provider)) {
                findings.add(Finding.warning(
                                name(),
                                "the target has not loaded the provider of security labels " + provider,
                                "Add its library to shared_preload_libraries on the target and restart it, or take the"
                                        + " labels away on the source: SECURITY LABEL ... IS NULL.")
                        .as(RestoreErrors.severity(situation))
                        .at(List.of(Place.of(database.name()))));
            }
        }
        return findings;
    }

    private boolean isLoaded(Connection target, String provider) throws SQLException {
        Boolean known = loaded.get(provider);
        if (known == null) {
            known = ask(target, provider);
            loaded.put(provider, known);
        }
        return known;
    }

    private static boolean ask(Connection target, String provider) throws SQLException {
        try (Statement statement = target.createStatement()) {
            statement.execute("SECURITY LABEL FOR " + Sql.identifier(provider) + " ON SCHEMA "
                    + Sql.identifier(NO_SUCH_OBJECT) + " IS NULL");
            return true;
        } catch (SQLException refusal) {
            if (refusal.getSQLState() == null || refusal.getSQLState().startsWith("08")) {
                throw refusal;
            }
            return !INVALID_PARAMETER_VALUE.equals(refusal.getSQLState());
        }
    }
}
