package io.pgconvoy.catalog;

import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
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
    public static Reach read(Session session) {
        String right = session.version().isAtLeast(ServerVersion.V16) ? "SET" : "MEMBER";
        String template =
                SharedText.all(session, "t.spcname", """
                FROM pg_catalog.pg_database AS d
                JOIN pg_catalog.pg_tablespace AS t ON t.oid = d.dattablespace
                WHERE d.datname = 'template0'
                """).stream().findFirst().orElse("pg_default");
        return new Reach(
                session.flag("SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = session_user"),
                Set.copyOf(SharedText.all(session, "rolname", """
                        FROM pg_catalog.pg_roles WHERE pg_catalog.pg_has_role(session_user, oid, '%s')
                        """.formatted(right))),
                Set.copyOf(SharedText.all(session, "spcname", """
                        FROM pg_catalog.pg_tablespace
                        WHERE pg_catalog.has_tablespace_privilege(session_user, oid, 'CREATE')
                        """)),
                template);
    }
}
