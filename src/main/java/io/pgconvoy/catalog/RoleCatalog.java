package io.pgconvoy.catalog;

import io.pgconvoy.config.Secret;
import io.pgconvoy.postgres.ServerVersion;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Asks a server for its roles and who belongs to whom. */
public final class RoleCatalog {
    private static final Map<String, RoleFlag> FLAGS = Map.of(
            "rolsuper", RoleFlag.SUPERUSER,
            "rolinherit", RoleFlag.INHERIT,
            "rolcreaterole", RoleFlag.CREATEROLE,
            "rolcreatedb", RoleFlag.CREATEDB,
            "rolcanlogin", RoleFlag.LOGIN,
            "rolreplication", RoleFlag.REPLICATION,
            "rolbypassrls", RoleFlag.BYPASSRLS);

    private RoleCatalog() {}

    /**
     * All roles of a server.
     *
     * @param passwordsReadable false where the user may not read pg_authid, so that every password is empty
     */
    public record Roles(List<Role> roles, boolean passwordsReadable) {
        public Roles {
            roles = List.copyOf(roles);
        }

        public Set<String> names() {
            return roles.stream().map(Role::name).collect(Collectors.toUnmodifiableSet());
        }

        public Optional<Role> find(String name) {
            return roles.stream().filter(role -> role.name().equals(name)).findFirst();
        }
    }

    /** All roles by name, those that came with the server too; the session's TimeZone is to be UTC. */
    public static Roles roles(Connection connection) throws SQLException {
        boolean readable;
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT pg_catalog.has_table_privilege('pg_catalog.pg_authid', 'SELECT')")) {
            row.next();
            readable = row.getBoolean(1);
        }
        List<Role> roles = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query(statement, readable))) {
            while (row.next()) {
                roles.add(role(row, SharedText.name(row, row.findColumn("rolname"))));
            }
        }
        return new Roles(roles, readable);
    }

    /** pg_roles shows the same as pg_authid to everybody, with asterisks for every password. */
    private static String query(Statement statement, boolean readable) throws SQLException {
        return """
                SELECT r.oid, %s AS rolname, r.rolsuper, r.rolinherit, r.rolcreaterole, r.rolcreatedb, r.rolcanlogin,
                       r.rolreplication, r.rolbypassrls, r.rolconnlimit,
                       r.rolvaliduntil::pg_catalog.text AS valid_until,
                       %s AS password,
                       %s AS comment
                FROM %s AS r
                ORDER BY r.rolname
                """.formatted(
                        SharedText.bytes(statement, "r.rolname"),
                        readable ? "r.rolpassword" : "NULL::pg_catalog.text",
                        SharedText.bytes(statement, "pg_catalog.shobj_description(r.oid, 'pg_authid')"),
                        readable ? "pg_catalog.pg_authid" : "pg_catalog.pg_roles");
    }

    private static Role role(ResultSet row, String name) throws SQLException {
        return new Role(
                row.getLong("oid"),
                name,
                flags(row),
                row.getInt("rolconnlimit"),
                Optional.ofNullable(row.getString("valid_until")),
                Optional.ofNullable(row.getString("password")).map(Secret::new),
                SharedText.read(row, "comment"));
    }

    private static Set<RoleFlag> flags(ResultSet row) throws SQLException {
        Set<RoleFlag> flags = EnumSet.noneOf(RoleFlag.class);
        for (Map.Entry<String, RoleFlag> flag : FLAGS.entrySet()) {
            if (row.getBoolean(flag.getKey())) {
                flags.add(flag.getValue());
            }
        }
        return flags;
    }

    /** All memberships, ordered by the role, the member and the grantor. */
    public static List<Membership> memberships(Connection connection, ServerVersion version) throws SQLException {
        boolean perGrant = version.isAtLeast(ServerVersion.V16);
        List<Membership> memberships = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(membershipQuery(statement, perGrant))) {
            while (row.next()) {
                memberships.add(new Membership(
                        SharedText.name(row, 1),
                        SharedText.name(row, 2),
                        SharedText.read(row, 3),
                        row.getBoolean(4),
                        row.getBoolean(5),
                        row.getBoolean(6)));
            }
        }
        return List.copyOf(memberships);
    }

    private static String membershipQuery(Statement statement, boolean perGrant) throws SQLException {
        return """
                SELECT %s, %s, CASE WHEN g.oid <> %d THEN %s END, a.admin_option, %s, %s
                FROM pg_catalog.pg_auth_members AS a
                JOIN pg_catalog.pg_roles AS r ON r.oid = a.roleid
                JOIN pg_catalog.pg_roles AS m ON m.oid = a.member
                LEFT JOIN pg_catalog.pg_roles AS g ON g.oid = a.grantor
                ORDER BY r.rolname, m.rolname, g.rolname
                """.formatted(
                        SharedText.bytes(statement, "r.rolname"),
                        SharedText.bytes(statement, "m.rolname"),
                        Role.BOOTSTRAP_SUPERUSER,
                        SharedText.bytes(statement, "g.rolname"),
                        perGrant ? "a.inherit_option" : "m.rolinherit",
                        perGrant ? "a.set_option" : "true");
    }
}
