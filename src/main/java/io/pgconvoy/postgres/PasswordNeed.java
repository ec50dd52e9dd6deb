package io.pgconvoy.postgres;

import io.pgconvoy.config.Endpoint;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

/** Whether a server asks for a password that neither the options nor the password file hold. */
public final class PasswordNeed {
    private PasswordNeed() {}

    /**
     * Tries to connect.
     *
     * @throws io.pgconvoy.config.PgconvoyException where the server is not to be reached: another try would take its time
     */
    public static boolean of(Endpoint endpoint) {
        String url = ConnectionParameters.url(endpoint, endpoint.database());
        try (Connection connection =
                DriverManager.getConnection(url, ConnectionParameters.forDriver(endpoint, "pgconvoy"))) {
            return false;
        } catch (SQLException refused) {
            if (!SqlState.isAuthentication(refused) || ConnectFailure.isWithoutTls(refused)) {
                throw ConnectFailure.of(endpoint, endpoint.database(), refused);
            }
            return true;
        }
    }
}
