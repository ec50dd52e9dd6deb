package io.pgconvoy.verify.inventory;

import static io.pgconvoy.verify.inventory.CatalogQuery.all;
import static io.pgconvoy.verify.inventory.CatalogQuery.since;

import io.pgconvoy.postgres.ServerVersion;
import java.util.List;

/** Functions and what is made of them: aggregates, operators with their classes and families, casts, languages. */
final class RoutineQueries {
    static final List<CatalogQuery> ALL = List.of(
            // Range types make their constructors themselves.
            all("""
                SELECT {routine_kind}, {routine},
                       {role p.proowner} AS owner,
                       (SELECT l.lanname::text FROM pg_language AS l WHERE l.oid = p.prolang) AS language,
                       pg_get_function_arguments(p.oid) AS arguments,
                       pg_get_function_result(p.oid) AS result,
                       {since 11: {yes p.prokind = 'w'} otherwise {yes p.proiswindow}} AS "window",
                       {since 14: CASE WHEN p.prosqlbody IS NULL THEN p.prosrc END otherwise p.prosrc} AS source,
                       p.probin::text AS library, {since 14: pg_get_function_sqlbody(p.oid)} AS body,
                       CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' END AS volatility,
                       {yes p.proisstrict} AS strict, {yes p.prosecdef} AS "security definer",
                       {yes p.proleakproof} AS leakproof,
                       p.procost::text AS cost, p.prorows::text AS rows,
                       {since 9.6: CASE p.proparallel WHEN 's' THEN 'safe' WHEN 'r' THEN 'restricted' END} AS parallel,
                       CASE WHEN p.proconfig IS NOT NULL THEN array_to_string(p.proconfig, E'\\n') END AS settings,
                       (SELECT string_agg(format_type(x, NULL), ', ') FROM unnest(p.protrftypes) AS x) AS transforms,
                       {since 12: CASE WHEN p.prosupport <> 0 THEN {procedure p.prosupport} END} AS support,
                       {privileges f p.proacl p.proowner} AS privileges, {comment pg_proc p.oid} AS comment
                  FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
                 WHERE {user_schema} AND {own pg_proc p.oid} AND NOT {depends pg_proc p.oid i}
                """).onlyIf("{theirs pg_proc pronamespace}"),
            all("""
                SELECT 'aggregate', {routine},
                       {procedure g.aggtransfn} AS "state function", {procedure g.aggfinalfn} AS "final function",
                       format_type(g.aggtranstype, NULL) AS "state type", g.agginitval AS "initial value",
                       CASE WHEN g.aggsortop <> 0 THEN (SELECT o.oprname::text FROM pg_operator AS o
                                                          WHERE o.oid = g.aggsortop) END AS "sort operator",
                       NULLIF(g.aggtransspace, 0)::text AS "state size", NULLIF(g.aggkind, 'n')::text AS form,
                       {procedure g.aggmtransfn} AS "moving state function",
                       {procedure g.aggmfinalfn} AS "moving final function",
                       {procedure g.aggminvtransfn} AS "moving inverse function",
                       g.aggminitval AS "moving initial value",
                       {since 9.6: {procedure g.aggcombinefn}} AS "combine function"
                  FROM pg_aggregate AS g
                  JOIN pg_proc AS p ON p.oid = g.aggfnoid JOIN pg_namespace AS n ON n.oid = p.pronamespace
                 WHERE {user_schema} AND {own pg_proc p.oid}
                """).onlyIf("{theirs pg_proc pronamespace}"),
            all("""
                SELECT 'operator',
                       {name n.nspname} || '.' || o.oprname || '(' || CASE WHEN o.oprleft = 0 THEN 'NONE'
                           ELSE format_type(o.oprleft, NULL) END
                           || ', ' || CASE WHEN o.oprright = 0 THEN 'NONE' ELSE format_type(o.oprright, NULL) END
                               || ')',
                       {role o.oprowner} AS owner, {procedure o.oprcode} AS function,
                       {procedure o.oprrest} AS "restriction estimator", {procedure o.oprjoin} AS "join estimator",
                       (SELECT x.oprname::text FROM pg_operator AS x WHERE x.oid = o.oprcom) AS commutator,
                       (SELECT x.oprname::text FROM pg_operator AS x WHERE x.oid = o.oprnegate) AS negator,
                       {yes o.oprcanmerge} AS merges, {yes o.oprcanhash} AS hashes,
                       {comment pg_operator o.oid} AS comment
                  FROM pg_operator AS o JOIN pg_namespace AS n ON n.oid = o.oprnamespace
                 WHERE {user_schema} AND {own pg_operator o.oid}
                   -- An operator that is only named as another's commutator or negator is none yet.
                   AND o.oprcode <> 0
                """).onlyIf("{theirs pg_operator oprnamespace}"),
            all("""
                SELECT 'operator family', {qualified n.nspname f.opfname} || ' using '
                    || m.amname, {role f.opfowner} AS owner,
                       (SELECT string_agg(a.amopstrategy::text || ' ' || o.oprname || ' ('
                           || format_type(a.amoplefttype, NULL)
                                   || ', ' || format_type(a.amoprighttype, NULL) || ')', '; '
                                   ORDER BY a.amopstrategy, format_type(a.amoplefttype, NULL) COLLATE "C",
                                            format_type(a.amoprighttype, NULL) COLLATE "C")
                          FROM pg_amop AS a JOIN pg_operator AS o ON o.oid = a.amopopr
                              WHERE a.amopfamily = f.oid) AS operators,
                       (SELECT string_agg(a.amprocnum::text || ' ' || {procedure a.amproc} || ' ('
                           || format_type(a.amproclefttype, NULL)
                                   || ', ' || format_type(a.amprocrighttype, NULL) || ')', '; '
                                   ORDER BY a.amprocnum, format_type(a.amproclefttype, NULL) COLLATE "C",
                                            format_type(a.amprocrighttype, NULL) COLLATE "C")
                          FROM pg_amproc AS a WHERE a.amprocfamily = f.oid) AS functions,
                       {comment pg_opfamily f.oid} AS comment
                  FROM pg_opfamily AS f JOIN pg_am AS m ON m.oid = f.opfmethod
                  JOIN pg_namespace AS n ON n.oid = f.opfnamespace
                 WHERE {user_schema} AND {own pg_opfamily f.oid}
                """).onlyIf("{theirs pg_opfamily opfnamespace}"),
            all("""
                SELECT 'operator class', {qualified n.nspname k.opcname} || ' using '
                    || m.amname, {role k.opcowner} AS owner,
                       format_type(k.opcintype, NULL) AS type, {yes k.opcdefault} AS "default",
                       CASE WHEN k.opckeytype <> 0 THEN format_type(k.opckeytype, NULL) END AS storage,
                       (SELECT {qualified fn.nspname f.opfname} FROM pg_opfamily AS f
                           JOIN pg_namespace AS fn ON fn.oid = f.opfnamespace
                         WHERE f.oid = k.opcfamily) AS family,
                       {comment pg_opclass k.oid} AS comment
                  FROM pg_opclass AS k JOIN pg_am AS m ON m.oid = k.opcmethod
                  JOIN pg_namespace AS n ON n.oid = k.opcnamespace
                 WHERE {user_schema} AND {own pg_opclass k.oid}
                """).onlyIf("{theirs pg_opclass opcnamespace}"),
            all("""
                SELECT 'cast', '(' || format_type(k.castsource, NULL) || ' AS ' || format_type(k.casttarget, NULL)
                    || ')',
                       CASE k.castmethod WHEN 'i' THEN 'I/O conversion' WHEN 'b' THEN 'binary'
                           ELSE 'function' END AS method,
                       CASE WHEN k.castfunc <> 0 THEN {procedure k.castfunc} END AS function,
                       CASE k.castcontext WHEN 'i' THEN 'implicit' WHEN 'a' THEN 'assignment' END AS context,
                       {comment pg_cast k.oid} AS comment
                  FROM pg_cast AS k
                 WHERE k.oid >= {user_oid} AND {own pg_cast k.oid} AND NOT {depends pg_cast k.oid i}
                """).onlyIf("{made pg_cast}"),
            all("""
                SELECT 'language', {name l.lanname}, {role l.lanowner} AS owner, {yes l.lanpltrusted} AS trusted,
                       {procedure l.lanplcallfoid} AS handler, {procedure l.laninline} AS inline,
                       {procedure l.lanvalidator} AS validator,
                       {privileges l l.lanacl l.lanowner} AS privileges, {comment pg_language l.oid} AS comment
                  FROM pg_language AS l
                 WHERE l.oid >= {user_oid} AND {own pg_language l.oid}
                """).onlyIf("{made pg_language}"),
            all("""
                SELECT 'event trigger', {name e.evtname}, e.evtevent::text AS event, {role e.evtowner} AS owner,
                       {procedure e.evtfoid} AS function,
                       CASE e.evtenabled WHEN 'D' THEN 'no' WHEN 'R' THEN 'on replicas only' WHEN 'A' THEN 'always' END
                           AS enabled,
                       {sorted e.evttags} AS tags, {comment pg_event_trigger e.oid} AS comment
                  FROM pg_event_trigger AS e
                 WHERE {own pg_event_trigger e.oid}
                """).onlyIf("{any pg_event_trigger}"),
            since(ServerVersion.V9_6, """
                SELECT 'access method', {name m.amname}, m.amtype::text AS type, {procedure m.amhandler} AS handler,
                       {comment pg_am m.oid} AS comment
                  FROM pg_am AS m WHERE m.oid >= {user_oid} AND {own pg_am m.oid}
                """).onlyIf("{made pg_am}"));

    private RoutineQueries() {}
}
