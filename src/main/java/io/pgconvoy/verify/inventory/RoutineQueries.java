package io.pgconvoy.verify.inventory;

import static io.pgconvoy.verify.inventory.CatalogSql.USER_OID;
import static io.pgconvoy.verify.inventory.CatalogSql.USER_SCHEMA;
import static io.pgconvoy.verify.inventory.CatalogSql.comment;
import static io.pgconvoy.verify.inventory.CatalogSql.depends;
import static io.pgconvoy.verify.inventory.CatalogSql.name;
import static io.pgconvoy.verify.inventory.CatalogSql.notOfExtension;
import static io.pgconvoy.verify.inventory.CatalogSql.privilegesOf;
import static io.pgconvoy.verify.inventory.CatalogSql.procedure;
import static io.pgconvoy.verify.inventory.CatalogSql.qualified;
import static io.pgconvoy.verify.inventory.CatalogSql.role;
import static io.pgconvoy.verify.inventory.CatalogSql.types;
import static io.pgconvoy.verify.inventory.CatalogSql.yes;

import io.pgconvoy.postgres.ServerVersion;
import java.util.List;

/** Functions and what is made of them: aggregates, operators with their classes and families, casts, languages. */
final class RoutineQueries {
    private RoutineQueries() {}

    static List<CatalogQuery> of(ServerVersion version) {
        return List.of(
                functions(version),
                aggregates(version),
                operators(),
                operatorFamilies(),
                operatorClasses(),
                casts(),
                languages(),
                eventTriggers(),
                accessMethods(version));
    }

    static String identity() {
        return qualified("n.nspname", "p.proname") + " || '(' || " + types("p.proargtypes") + " || ')'";
    }

    private static String kind(ServerVersion version) {
        return version.isAtLeast(ServerVersion.V11)
                ? "CASE p.prokind WHEN 'a' THEN 'aggregate' WHEN 'p' THEN 'procedure' ELSE 'function' END"
                : "CASE WHEN p.proisagg THEN 'aggregate' ELSE 'function' END";
    }

    private static CatalogQuery functions(ServerVersion version) {
        boolean parallel = version.isAtLeast(ServerVersion.V9_6);
        return new CatalogQuery("""
                SELECT %s, %s,
                       %s AS owner, (SELECT l.lanname::text FROM pg_language AS l WHERE l.oid = p.prolang) AS language,
                       pg_get_function_arguments(p.oid) AS arguments,
                       pg_get_function_result(p.oid) AS result,
                       %s AS "window",
                       %s AS source, p.probin::text AS library, %s AS body,
                       CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' END AS volatility,
                       %s AS strict, %s AS "security definer", %s AS leakproof,
                       p.procost::text AS cost, p.prorows::text AS rows,
                       %s AS parallel,
                       CASE WHEN p.proconfig IS NOT NULL THEN array_to_string(p.proconfig, E'\\n') END AS settings,
                       (SELECT string_agg(format_type(x, NULL), ', ') FROM unnest(p.protrftypes) AS x) AS transforms,
                       %s AS support,
                       %s AS privileges, %s AS comment
                  FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
                 WHERE %s AND %s AND NOT %s
                """.formatted(
                kind(version),
                identity(),
                role("p.proowner"),
                version.isAtLeast(ServerVersion.V11) ? yes("p.prokind = 'w'") : yes("p.proiswindow"),
                version.isAtLeast(ServerVersion.V14) ? "CASE WHEN p.prosqlbody IS NULL THEN p.prosrc END" : "p.prosrc",
                version.isAtLeast(ServerVersion.V14) ? "pg_get_function_sqlbody(p.oid)" : "NULL",
                yes("p.proisstrict"),
                yes("p.prosecdef"),
                yes("p.proleakproof"),
                parallel ? "CASE p.proparallel WHEN 's' THEN 'safe' WHEN 'r' THEN 'restricted' END" : "NULL",
                version.isAtLeast(ServerVersion.V12)
                        ? "CASE WHEN p.prosupport <> 0 THEN " + procedure("p.prosupport") + " END"
                        : "NULL",
                privilegesOf("f", "p.proacl", "p.proowner"),
                comment("pg_proc", "p.oid"),
                USER_SCHEMA,
                notOfExtension("pg_proc", "p.oid"),
                // Range types make their constructors themselves.
                depends("pg_proc", "p.oid", "i")));
    }

    private static CatalogQuery aggregates(ServerVersion version) {
        boolean partial = version.isAtLeast(ServerVersion.V9_6);
        return new CatalogQuery("""
                SELECT 'aggregate', %s,
                       %s AS "state function", %s AS "final function",
                       format_type(g.aggtranstype, NULL) AS "state type", g.agginitval AS "initial value",
                       CASE WHEN g.aggsortop <> 0 THEN (SELECT o.oprname::text FROM pg_operator AS o
                                                          WHERE o.oid = g.aggsortop) END AS "sort operator",
                       NULLIF(g.aggtransspace, 0)::text AS "state size", NULLIF(g.aggkind, 'n')::text AS form,
                       %s AS "moving state function", %s AS "moving final function", %s AS "moving inverse function",
                       g.aggminitval AS "moving initial value",
                       %s AS "combine function"
                  FROM pg_aggregate AS g
                  JOIN pg_proc AS p ON p.oid = g.aggfnoid JOIN pg_namespace AS n ON n.oid = p.pronamespace
                 WHERE %s AND %s
                """.formatted(
                        identity(),
                        procedure("g.aggtransfn"),
                        procedure("g.aggfinalfn"),
                        procedure("g.aggmtransfn"),
                        procedure("g.aggmfinalfn"),
                        procedure("g.aggminvtransfn"),
                        partial ? procedure("g.aggcombinefn") : "NULL",
                        USER_SCHEMA,
                        notOfExtension("pg_proc", "p.oid")));
    }

    private static CatalogQuery operators() {
        return new CatalogQuery("""
                SELECT 'operator',
                       %s || '.' || o.oprname || '(' || CASE WHEN o.oprleft = 0 THEN 'NONE' ELSE format_type(o.oprleft, NULL) END
                           || ', ' || CASE WHEN o.oprright = 0 THEN 'NONE' ELSE format_type(o.oprright, NULL) END || ')',
                       %s AS owner, %s AS function, %s AS "restriction estimator", %s AS "join estimator",
                       (SELECT x.oprname::text FROM pg_operator AS x WHERE x.oid = o.oprcom) AS commutator,
                       (SELECT x.oprname::text FROM pg_operator AS x WHERE x.oid = o.oprnegate) AS negator,
                       %s AS merges, %s AS hashes, %s AS comment
                  FROM pg_operator AS o JOIN pg_namespace AS n ON n.oid = o.oprnamespace
                 WHERE %s AND %s
                   -- An operator that is only named as another's commutator or negator is none yet.
                   AND o.oprcode <> 0
                """.formatted(
                        name("n.nspname"),
                        role("o.oprowner"),
                        procedure("o.oprcode"),
                        procedure("o.oprrest"),
                        procedure("o.oprjoin"),
                        yes("o.oprcanmerge"),
                        yes("o.oprcanhash"),
                        comment("pg_operator", "o.oid"),
                        USER_SCHEMA,
                        notOfExtension("pg_operator", "o.oid")));
    }

    private static CatalogQuery operatorFamilies() {
        return new CatalogQuery("""
                SELECT 'operator family', %s || ' using ' || m.amname, %s AS owner,
                       (SELECT string_agg(a.amopstrategy::text || ' ' || o.oprname || ' (' || format_type(a.amoplefttype, NULL)
                                   || ', ' || format_type(a.amoprighttype, NULL) || ')', '; '
                                   ORDER BY a.amopstrategy, format_type(a.amoplefttype, NULL) COLLATE "C",
                                            format_type(a.amoprighttype, NULL) COLLATE "C")
                          FROM pg_amop AS a JOIN pg_operator AS o ON o.oid = a.amopopr WHERE a.amopfamily = f.oid) AS operators,
                       (SELECT string_agg(a.amprocnum::text || ' ' || %s || ' (' || format_type(a.amproclefttype, NULL)
                                   || ', ' || format_type(a.amprocrighttype, NULL) || ')', '; '
                                   ORDER BY a.amprocnum, format_type(a.amproclefttype, NULL) COLLATE "C",
                                            format_type(a.amprocrighttype, NULL) COLLATE "C")
                          FROM pg_amproc AS a WHERE a.amprocfamily = f.oid) AS functions,
                       %s AS comment
                  FROM pg_opfamily AS f JOIN pg_am AS m ON m.oid = f.opfmethod
                  JOIN pg_namespace AS n ON n.oid = f.opfnamespace
                 WHERE %s AND %s
                """.formatted(
                        qualified("n.nspname", "f.opfname"),
                        role("f.opfowner"),
                        procedure("a.amproc"),
                        comment("pg_opfamily", "f.oid"),
                        USER_SCHEMA,
                        notOfExtension("pg_opfamily", "f.oid")));
    }

    private static CatalogQuery operatorClasses() {
        return new CatalogQuery("""
                SELECT 'operator class', %s || ' using ' || m.amname, %s AS owner,
                       format_type(k.opcintype, NULL) AS type, %s AS "default",
                       CASE WHEN k.opckeytype <> 0 THEN format_type(k.opckeytype, NULL) END AS storage,
                       (SELECT %s FROM pg_opfamily AS f JOIN pg_namespace AS fn ON fn.oid = f.opfnamespace
                         WHERE f.oid = k.opcfamily) AS family,
                       %s AS comment
                  FROM pg_opclass AS k JOIN pg_am AS m ON m.oid = k.opcmethod
                  JOIN pg_namespace AS n ON n.oid = k.opcnamespace
                 WHERE %s AND %s
                """.formatted(
                        qualified("n.nspname", "k.opcname"),
                        role("k.opcowner"),
                        yes("k.opcdefault"),
                        qualified("fn.nspname", "f.opfname"),
                        comment("pg_opclass", "k.oid"),
                        USER_SCHEMA,
                        notOfExtension("pg_opclass", "k.oid")));
    }

    private static CatalogQuery casts() {
        return new CatalogQuery("""
                SELECT 'cast', '(' || format_type(k.castsource, NULL) || ' AS ' || format_type(k.casttarget, NULL) || ')',
                       CASE k.castmethod WHEN 'i' THEN 'I/O conversion' WHEN 'b' THEN 'binary' ELSE 'function' END AS method,
                       CASE WHEN k.castfunc <> 0 THEN %s END AS function,
                       CASE k.castcontext WHEN 'i' THEN 'implicit' WHEN 'a' THEN 'assignment' END AS context,
                       %s AS comment
                  FROM pg_cast AS k
                 WHERE k.oid >= %s AND %s AND NOT %s
                """.formatted(
                        procedure("k.castfunc"),
                        comment("pg_cast", "k.oid"),
                        USER_OID,
                        notOfExtension("pg_cast", "k.oid"),
                        depends("pg_cast", "k.oid", "i")));
    }

    private static CatalogQuery languages() {
        return new CatalogQuery("""
                SELECT 'language', %s, %s AS owner, %s AS trusted, %s AS handler, %s AS inline, %s AS validator,
                       %s AS privileges, %s AS comment
                  FROM pg_language AS l
                 WHERE l.oid >= %s AND %s
                """.formatted(
                        name("l.lanname"),
                        role("l.lanowner"),
                        yes("l.lanpltrusted"),
                        procedure("l.lanplcallfoid"),
                        procedure("l.laninline"),
                        procedure("l.lanvalidator"),
                        privilegesOf("l", "l.lanacl", "l.lanowner"),
                        comment("pg_language", "l.oid"),
                        USER_OID,
                        notOfExtension("pg_language", "l.oid")));
    }

    private static CatalogQuery eventTriggers() {
        return new CatalogQuery("""
                SELECT 'event trigger', %s, e.evtevent::text AS event, %s AS owner, %s AS function,
                       CASE e.evtenabled WHEN 'D' THEN 'no' WHEN 'R' THEN 'on replicas only' WHEN 'A' THEN 'always' END
                           AS enabled,
                       %s AS tags, %s AS comment
                  FROM pg_event_trigger AS e
                 WHERE %s
                """.formatted(
                        name("e.evtname"),
                        role("e.evtowner"),
                        procedure("e.evtfoid"),
                        CatalogSql.sorted("e.evttags"),
                        comment("pg_event_trigger", "e.oid"),
                        notOfExtension("pg_event_trigger", "e.oid")));
    }

    private static CatalogQuery accessMethods(ServerVersion version) {
        if (!version.isAtLeast(ServerVersion.V9_6)) {
            return new CatalogQuery("SELECT NULL::text, NULL::text LIMIT 0");
        }
        return new CatalogQuery("""
                SELECT 'access method', %s, m.amtype::text AS type, %s AS handler, %s AS comment
                  FROM pg_am AS m WHERE m.oid >= %s AND %s
                """.formatted(
                        name("m.amname"),
                        procedure("m.amhandler"),
                        comment("pg_am", "m.oid"),
                        USER_OID,
                        notOfExtension("pg_am", "m.oid")));
    }
}
