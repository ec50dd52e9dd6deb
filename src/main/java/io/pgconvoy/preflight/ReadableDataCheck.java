package io.pgconvoy.preflight;

import io.pgconvoy.config.Side;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.preflight.Finding.Place;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a source's user who is no superuser may not read: pg_dump fails at the first table of that kind, and at the first
 * one whose row security would hide rows (it runs with row_security off).
 *
 * @see <a href="https://www.postgresql.org/docs/current/predefined-roles.html">pg_read_all_data</a>, which does not
 *     reach large objects or rows
 */
final class ReadableDataCheck implements DatabaseCheck {
    /** Not what belongs to extensions, of which pg_dump reads little. */
    private static final String OF_EXTENSION = """
            EXISTS (SELECT FROM pg_depend e
                     WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
            """;

    @Override
    public String name() {
        return "readable-data";
    }

    @Override
    public List<Finding> run(Situation situation, SourceDatabase database) throws SQLException {
        if (situation.source().status().superuser()) {
            return List.of();
        }
        List<Finding> findings = new ArrayList<>();
        String user = situation.source().status().user();
        List<Place> unreadable = Stream.concat(relations(database).stream(), largeObjects(database).stream())
                .toList();
        if (!unreadable.isEmpty()) {
            findings.add(Finding.blocker(
                            this,
                            "role " + user + " may not read everything, at which pg_dump fails",
                            database.version().isAtLeast(ServerVersion.V14)
                                    ? "GRANT pg_read_all_data TO this role (for large objects GRANT SELECT ON LARGE OBJECT),"
                                            + " connect as a superuser, or leave the database out with --exclude-db."
                                    : "GRANT USAGE ON SCHEMA and SELECT ON ALL TABLES and SEQUENCES to this role, connect as"
                                            + " a superuser, or leave the database out with --exclude-db.")
                    .on(Side.SOURCE)
                    .at(unreadable));
        }
        List<Place> hidden = rowSecurity(database);
        if (!hidden.isEmpty()) {
            findings.add(Finding.blocker(
                            this,
                            "row security could hide rows from role " + user + ", which pg_dump does not put up with",
                            "ALTER ROLE ... BYPASSRLS on the source, connect as a superuser, or leave the database out with"
                                    + " --exclude-db.")
                    .on(Side.SOURCE)
                    .at(hidden));
        }
        return findings;
    }

    private static List<Place> relations(SourceDatabase database) throws SQLException {
        return Rows.list(
                database.connection(), """
                SELECT CASE c.relkind WHEN 'S' THEN 'sequence ' WHEN 'm' THEN 'materialized view ' ELSE 'table ' END
                       || n.nspname || '.' || c.relname
                  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE c.relkind IN ('r', 'p', 'm', 'S') AND c.oid >= 16384 AND n.nspname !~ '^pg_'
                   AND n.nspname <> 'information_schema'
                   AND NOT (has_schema_privilege(n.oid, 'USAGE')
                            AND CASE c.relkind WHEN 'S' THEN has_sequence_privilege(c.oid, 'SELECT')
                                     ELSE has_table_privilege(c.oid, 'SELECT') END)
                   AND NOT %s
                 ORDER BY 1
                """.formatted(OF_EXTENSION), row -> Place.of(database.name(), row.getString(1)));
    }

    private static List<Place> largeObjects(SourceDatabase database) throws SQLException {
        long number = Rows.number(database.connection(), """
                SELECT count(*) FROM pg_largeobject_metadata l
                 WHERE NOT pg_has_role(l.lomowner, 'USAGE')
                   AND NOT EXISTS (SELECT FROM aclexplode(l.lomacl) a
                                    WHERE a.privilege_type = 'SELECT'
                                      AND (a.grantee = 0 OR pg_has_role(a.grantee, 'USAGE')))
                """);
        return number == 0
                ? List.of()
                : List.of(Place.of(database.name(), number == 1 ? "1 large object" : number + " large objects"));
    }

    private static List<Place> rowSecurity(SourceDatabase database) throws SQLException {
        return Rows.list(
                database.connection(), """
                SELECT 'table ' || n.nspname || '.' || c.relname
                  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE c.relkind IN ('r', 'p') AND c.relrowsecurity
                   AND (c.relforcerowsecurity OR NOT pg_has_role(c.relowner, 'USAGE'))
                   AND NOT (SELECT rolbypassrls FROM pg_roles WHERE rolname = session_user)
                   AND NOT %s
                 ORDER BY 1
                """.formatted(OF_EXTENSION), row -> Place.of(database.name(), row.getString(1)));
    }
}
