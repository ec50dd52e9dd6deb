package io.pgconvoy.preflight;

import io.pgconvoy.catalog.SharedText;
import io.pgconvoy.config.RawText;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.postgres.RawEncoding;
import io.pgconvoy.postgres.SqlState;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Roles that own objects of a database, or have privileges on them, and whose names are no texts of its encoding: the bytes
 * 72 f4 6c 65, say, in a database of UTF8. pg_dump can write no statement that names them.
 *
 * @see <a href="https://www.postgresql.org/docs/current/catalog-pg-shdepend.html">pg_shdepend</a>
 */
final class RoleEncodingCheck implements DatabaseCheck {
    @Override
    public String name() {
        return "role-encodings";
    }

    @Override
    public List<Finding> run(Situation situation, SourceDatabase database) throws SQLException {
        List<Place> places = new ArrayList<>();
        for (byte[] role : roles(database.connection())) {
            if (!isText(database.connection(), role)) {
                places.add(Place.of(database.name(), "role \"" + RawText.decode(role) + "\""));
            }
        }
        return RestoreErrors.findings(
                        this,
                        situation,
                        "objects belong or are granted to roles whose names are no texts of the database's encoding, so that"
                                + " no dump can name them",
                        places,
                        "ALTER ROLE ... RENAME TO gives a role another name, from a database of the encoding that it was"
                                + " made in; or REASSIGN OWNED and DROP OWNED in this one.")
                .stream()
                .map(finding -> finding.as(RestoreErrors.ofOwnership(situation)))
                .toList();
    }

    private static List<byte[]> roles(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            if (RawEncoding.isNeeded(statement)) {
                return List.of();
            }
            String name = SharedText.bytes(statement, "r.rolname");
            return Rows.list(connection, """
                    SELECT DISTINCT %s FROM pg_shdepend AS s JOIN pg_roles AS r ON r.oid = s.refobjid
                     WHERE s.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
                       AND s.refclassid = 'pg_authid'::regclass
                     ORDER BY 1
                    """.formatted(name), row -> row.getBytes(1));
        }
    }

    /** Asks the server, which knows what is a text of its database. */
    private static boolean isText(Connection connection, byte[] name) throws SQLException {
        try (PreparedStatement query =
                connection.prepareStatement("SELECT octet_length(convert_from(?, getdatabaseencoding()))")) {
            query.setBytes(1, name);
            try (ResultSet row = query.executeQuery()) {
                return row.next();
            }
        } catch (SQLException failure) {
            if (SqlState.isNoText(failure)) {
                return false;
            }
            throw failure;
        }
    }
}
