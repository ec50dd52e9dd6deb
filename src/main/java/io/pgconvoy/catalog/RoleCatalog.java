package io.pgconvoy.catalog;

import io.pgconvoy.config.Secret;
import io.pgconvoy.postgres.Row;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
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
    public static Roles roles(Session session) {
        boolean readable = session.flag("SELECT pg_catalog.has_table_privilege('pg_catalog.pg_authid', 'SELECT')");
        return new Roles(session.list(query(session, readable), RoleCatalog::role), readable);
    }

    /** pg_roles shows the same as pg_authid to everybody, with asterisks for every password. */
    private static String query(Session session, boolean readable) {
        return """
                SELECT r.oid, %s AS rolname, r.rolsuper, r.rolinherit, r.rolcreaterole, r.rolcreatedb, r.rolcanlogin,
                       r.rolreplication, r.rolbypassrls, r.rolconnlimit,
                       r.rolvaliduntil::pg_catalog.text AS valid_until,
                       %s AS password,
                       %s AS comment
                FROM %s AS r
                ORDER BY r.rolname
                """.formatted(
                        SharedText.bytes(session, "r.rolname"),
                        readable ? "r.rolpassword" : "NULL::pg_catalog.text",
                        SharedText.bytes(session, "pg_catalog.shobj_description(r.oid, 'pg_authid')"),
                        readable ? "pg_catalog.pg_authid" : "pg_catalog.pg_roles");
    }

    private static Role role(Row row) {
        return new Role(
                row.getLong("oid"),
                SharedText.name(row, "rolname"),
                flags(row),
                row.getInt("rolconnlimit"),
                row.text("valid_until"),
                row.text("password").map(Secret::new),
                SharedText.read(row, "comment"));
    }

    private static Set<RoleFlag> flags(Row row) {
        Set<RoleFlag> flags = EnumSet.noneOf(RoleFlag.class);
        for (Map.Entry<String, RoleFlag> flag : FLAGS.entrySet()) {
            if (row.getBoolean(flag.getKey())) {
                flags.add(flag.getValue());
            }
        }
        return flags;
    }

    /** All memberships, ordered by the role, the member and the grantor. */
    public static List<Membership> memberships(Session session) {
        boolean perGrant = session.version().isAtLeast(ServerVersion.V16);
        String sql = """
                SELECT %s, %s, CASE WHEN g.oid <> %d THEN %s END, a.admin_option, %s, %s
                FROM pg_catalog.pg_auth_members AS a
                JOIN pg_catalog.pg_roles AS r ON r.oid = a.roleid
                JOIN pg_catalog.pg_roles AS m ON m.oid = a.member
                LEFT JOIN pg_catalog.pg_roles AS g ON g.oid = a.grantor
                ORDER BY r.rolname, m.rolname, g.rolname
                """.formatted(
                        SharedText.bytes(session, "r.rolname"),
                        SharedText.bytes(session, "m.rolname"),
                        Role.BOOTSTRAP_SUPERUSER,
                        SharedText.bytes(session, "g.rolname"),
                        perGrant ? "a.inherit_option" : "m.rolinherit",
                        perGrant ? "a.set_option" : "true");
        return session.list(
                sql,
                row -> new Membership(
                        SharedText.name(row, 1),
                        SharedText.name(row, 2),
                        SharedText.read(row, 3),
                        row.getBoolean(4),
                        row.getBoolean(5),
                        row.getBoolean(6)));
    }
}
