package io.pgconvoy.preflight.database;

import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.DatabaseCheck;
import io.pgconvoy.preflight.Sign;
import io.pgconvoy.preflight.SourceDatabase;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Objects that refer to roles by an OID that no role has any more: DROP ROLE prevents it, but a DELETE FROM pg_authid and
 * the bugs of old releases do not. pg_dump gives up over such an owner; in privileges it takes the number for a name, which
 * no target knows.
 */
public final class DroppedRoleCheck extends DatabaseCheck {
    private static final String NOBODY = "NOT EXISTS (SELECT FROM pg_roles AS r WHERE r.oid = %s)";

    /**
     * DROP OWNED takes privileges away, but before 17 not those that pg_init_privs remembers; pg_dump writes a REVOKE for what
     * is remembered and no longer there.
     */
    private static final String INITIAL = """
            SELECT DISTINCT pg_describe_object(o.class, o.id, o.part)
              FROM (SELECT 'pg_class'::regclass, c.oid, 0, c.relacl FROM pg_class AS c
                    UNION ALL
                    SELECT 'pg_class'::regclass, a.attrelid, a.attnum, a.attacl FROM pg_attribute AS a WHERE a.attnum > 0
                    UNION ALL
                    SELECT 'pg_proc'::regclass, p.oid, 0, p.proacl FROM pg_proc AS p
                    UNION ALL
                    SELECT 'pg_type'::regclass, t.oid, 0, t.typacl FROM pg_type AS t
                    UNION ALL
                    SELECT 'pg_namespace'::regclass, n.oid, 0, n.nspacl FROM pg_namespace AS n
                    UNION ALL
                    SELECT 'pg_language'::regclass, l.oid, 0, l.lanacl FROM pg_language AS l
                    UNION ALL
                    SELECT 'pg_foreign_data_wrapper'::regclass, f.oid, 0, f.fdwacl FROM pg_foreign_data_wrapper AS f
                    UNION ALL
                    SELECT 'pg_foreign_server'::regclass, s.oid, 0, s.srvacl FROM pg_foreign_server AS s
                   ) AS o (class, id, part, acl)
              JOIN pg_init_privs AS i ON i.classoid = o.class AND i.objoid = o.id AND i.objsubid = o.part,
                   aclexplode(i.initprivs) AS x
             WHERE i.initprivs IS DISTINCT FROM o.acl
               AND (x.grantee <> 0 AND %s OR %s)
             ORDER BY 1
            """.formatted(NOBODY.formatted("x.grantee"), NOBODY.formatted("x.grantor"));

    private static final List<String> OWNED = List.of(
            "pg_class relowner",
            "pg_proc proowner",
            "pg_type typowner",
            "pg_namespace nspowner",
            "pg_largeobject_metadata lomowner");

    private static final List<String> GRANTED = List.of(
            "pg_class relacl",
            "pg_proc proacl",
            "pg_type typacl",
            "pg_namespace nspacl",
            "pg_language lanacl",
            "pg_foreign_data_wrapper fdwacl",
            "pg_foreign_server srvacl",
            "pg_largeobject_metadata lomacl",
            "pg_default_acl defaclacl");

    private static final Set<String> EMPTY_AT_FIRST =
            Set.of("pg_largeobject_metadata", "pg_foreign_data_wrapper", "pg_foreign_server", "pg_default_acl");

    private static final List<Sign> OWNERS_GONE = OWNED.stream()
            .map(text -> text.split(" "))
            .map(part -> nobody(part[0], part[1]))
            .toList();

    private static final List<Sign> PRIVILEGES_GONE = Stream.concat(GRANTED.stream(), Stream.of("pg_attribute attacl"))
            .map(text -> text.split(" "))
            .map(part -> number(part[0], part[1]))
            .toList();

    private static final List<Sign> INITIAL_GONE = List.of(number("pg_init_privs", "initprivs"));

    public DroppedRoleCheck() {
        super(
                "dropped-roles",
                "blocker",
                "owners and privileges, also those in pg_init_privs, with the OID of a role that is"
                        + " gone; the privileges alone are accepted with `--allow-restore-errors`");
    }

    @Override
    public List<Sign> signs(CheckContext context) {
        return Stream.of(
                        OWNERS_GONE,
                        PRIVILEGES_GONE,
                        context.source().version().isAtLeast(ServerVersion.V9_6) ? INITIAL_GONE : List.<Sign>of())
                .flatMap(List::stream)
                .toList();
    }

    @Override
    public List<Finding> run(CheckContext context, SourceDatabase database) {
        return onSource(
                blocker(
                                "objects belong to a role that does not exist any more, at which pg_dump breaks off",
                                "ALTER ... OWNER TO gives them an owner.")
                        .at(placesWhere(database, OWNERS_GONE, owners())),
                taken(
                                context,
                                "privileges name a role that does not exist any more, which the target refuses",
                                "these objects' privileges on the source (UPDATE pg_class SET relacl = ..., say)")
                        .at(placesWhere(database, PRIVILEGES_GONE, privileges())),
                taken(
                                context,
                                "the privileges that objects of extensions began with name a role that does not exist any"
                                        + " more, which the target refuses",
                                "pg_init_privs on the source")
                        .at(
                                database.version().isAtLeast(ServerVersion.V9_6)
                                        ? placesWhere(database, INITIAL_GONE, INITIAL)
                                        : List.of()));
    }

    /** In the server's words. */
    private static Sign nobody(String catalog, String owner) {
        return EMPTY_AT_FIRST.contains(catalog)
                ? Sign.filled(catalog)
                : Sign.some(catalog, owner + " <> 10 AND pg_get_userbyid(" + owner + ") LIKE 'unknown (OID=%'");
    }

    /** An ACL's text has a number where a role's name would be. */
    private static Sign number(String catalog, String acl) {
        return EMPTY_AT_FIRST.contains(catalog)
                ? Sign.filled(catalog)
                : Sign.some(catalog, acl + "::text ~ '[{,/\"][0-9]'");
    }

    private static List<Place> placesWhere(SourceDatabase database, List<Sign> signs, String query) {
        return database.shows(signs) ? database.places(query) : List.of();
    }

    private Finding taken(CheckContext context, String what, String from) {
        return warning(
                        what,
                        "As a superuser, take the entries with a number out of " + from
                                + ", or accept the errors with --allow-restore-errors.")
                .as(context.ofOwnership());
    }

    private static String owners() {
        return OWNED.stream()
                .map(text -> text.split(" "))
                .map(part -> """
                        SELECT pg_describe_object('%1$s'::regclass, c.oid, 0) FROM %1$s AS c WHERE %2$s
                        """.formatted(part[0], NOBODY.formatted("c." + part[1])))
                .collect(Collectors.joining(" UNION ALL "));
    }

    private static String privileges() {
        String objects = GRANTED.stream()
                .map(text -> text.split(" "))
                .map(part -> """
                        SELECT '%1$s'::regclass, c.oid, 0, c.%2$s FROM %1$s AS c WHERE c.%2$s IS NOT NULL
                        UNION ALL
                        """.formatted(part[0], part[1]))
                .collect(Collectors.joining());
        return """
        SELECT DISTINCT pg_describe_object(o.class, o.id, o.part)
          FROM (%s
                SELECT 'pg_class'::regclass, a.attrelid, a.attnum, a.attacl
                  FROM pg_attribute AS a WHERE a.attacl IS NOT NULL) AS o (class, id, part, acl),
               aclexplode(o.acl) AS x
         WHERE x.grantee <> 0 AND %s OR %s
         ORDER BY 1
        """.formatted(objects, NOBODY.formatted("x.grantee"), NOBODY.formatted("x.grantor"));
    }
}
