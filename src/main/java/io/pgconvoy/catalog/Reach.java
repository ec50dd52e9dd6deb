package io.pgconvoy.catalog;

import io.pgconvoy.postgres.ServerVersion;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;

/**
 * How far the connected user's rights reach, where a server asks for more than attributes of a role.
 *
 * @param roles whom it may give what it makes, that is, whom it may SET ROLE to; itself included
 * @param tablespaces where it may put things by name
 * @param templateTablespace where a new database goes without being asked for its tablespace, which needs no right
 */
public record Reach(boolean superuser, Set<String> roles, Set<String> tablespaces, String templateTablespace) {
    public Reach {
        roles = Set.copyOf(roles);
        tablespaces = Set.copyOf(tablespaces);
        Objects.requireNonNull(templateTablespace);
    }

    /**
     * Asks the server, at once.
     *
     * @see <a href="https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-ACCESS-TABLE">pg_has_role,
     *     which tells SET from MEMBER since version 16</a>
     */
    public static Reach read(Connection connection, ServerVersion version) throws SQLException {
        String right = version.isAtLeast(ServerVersion.V16) ? "SET" : "MEMBER";
        try (Statement statement = connection.createStatement()) {
            boolean superuser;
            String template;
            try (ResultSet row = statement.executeQuery("""
                    SELECT (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = session_user),
                           COALESCE((SELECT %s FROM pg_catalog.pg_database AS d
                                       JOIN pg_catalog.pg_tablespace AS t ON t.oid = d.dattablespace
                                      WHERE d.datname = 'template0'), 'pg_default')
                    """.formatted(SharedText.bytes(statement, "t.spcname")))) {
                row.next();
                superuser = row.getBoolean(1);
                template = SharedText.name(row, 2);
            }
            return new Reach(
                    superuser,
                    names(statement, """
                            SELECT %s FROM pg_catalog.pg_roles
                             WHERE pg_catalog.pg_has_role(session_user, oid, '%s')
                            """.formatted(SharedText.bytes(statement, "rolname"), right)),
                    names(statement, """
                            SELECT %s FROM pg_catalog.pg_tablespace
                             WHERE pg_catalog.has_tablespace_privilege(session_user, oid, 'CREATE')
                            """.formatted(SharedText.bytes(statement, "spcname"))),
                    template);
        }
    }

    private static Set<String> names(Statement statement, String query) throws SQLException {
        Set<String> names = new HashSet<>();
        try (ResultSet row = statement.executeQuery(query)) {
            while (row.next()) {
                names.add(SharedText.name(row, 1));
            }
        }
        return names;
    }
}
