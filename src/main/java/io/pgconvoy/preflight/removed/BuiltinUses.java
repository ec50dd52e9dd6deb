package io.pgconvoy.preflight.removed;

import io.pgconvoy.catalog.objects.StoredTrees;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.Sql;
import io.pgconvoy.preflight.Sign;
import io.pgconvoy.preflight.SourceDatabase;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Finds the user's objects in one database that use something that the target lacks.
 *
 * <p>pg_depend does not tell of built-in objects, which nobody can drop. But views, defaults, constraints and the like are
 * stored as parsed trees that name what they use by OID, in fields such as {@code :funcid 1299}; so the server searches
 * their texts. What extensions own is left out: the target's version of the extension makes that anew.
 *
 * @see <a href="https://www.postgresql.org/docs/current/catalog-pg-depend.html">pg_depend, on pinned objects</a>
 */
public final class BuiltinUses {
    /** The number of the first bit in a set of columns, which start with the system columns: one more before 12. */
    private static final int FIRST_BIT = -7;

    private static final int FIRST_BIT_WITH_OIDS = -8;

    /**
     * A use.
     *
     * @param object the user's object, with its kind
     * @param lost what it uses
     * @param type whether that is a type
     * @param polymorphic whether that is a function that is still there, but with other polymorphic arguments
     */
    record Use(String object, String lost, boolean type, boolean polymorphic) {}

    private final RemovedBuiltins lost;
    private final ServerVersion version;

    public BuiltinUses(RemovedBuiltins lost, ServerVersion version) {
        this.lost = lost;
        this.version = version;
    }

    /** All of them, each once, by object. */
    List<Use> find(SourceDatabase database) {
        List<Use> uses = new ArrayList<>();
        if (lost.isEmpty()) {
            return uses;
        }
        Session session = database.session();
        if (database.shows(signsOfTrees())) {
            inTrees(session, uses);
        }
        if (database.shows(signsOfCatalogs())) {
            inCatalogs(session, uses);
        }
        if (version.isAtLeast(ServerVersion.V9_6) && database.shows(signsOfPrivileges())) {
            inPrivileges(session, uses);
        }
        return uses.stream().distinct().toList();
    }

    /** That there is any, or may be. */
    List<Sign> signs() {
        List<Sign> signs = new ArrayList<>(signsOfCatalogs());
        signs.addAll(signsOfTrees());
        if (version.isAtLeast(ServerVersion.V9_6)) {
            signs.addAll(signsOfPrivileges());
        }
        return lost.isEmpty() ? List.of() : signs;
    }

    /** Of a tree that has one of them. */
    private List<Sign> signsOfTrees() {
        String any = Sql.literal(anything());
        return StoredTrees.kept(version).stream()
                .map(kept -> kept.filledByUsers()
                        ? Sign.filled(kept.catalog())
                        : Sign.some(kept.catalog(), kept.condition() + " AND " + kept.tree() + " ~ " + any))
                .toList();
    }

    private List<Sign> signsOfCatalogs() {
        String types = array(lost.types().keySet());
        return List.of(
                Sign.some("pg_attribute", "attrelid >= 16384 AND atttypid = ANY (" + types + ")"),
                Sign.some("pg_type", "oid >= 16384 AND (typtype = 'r' OR typbasetype = ANY (" + types + "))"),
                Sign.some(
                        "pg_trigger", "tgfoid = ANY (" + array(lost.signatures().keySet()) + ")"),
                Sign.FUNCTIONS,
                Sign.made("pg_operator"),
                Sign.made("pg_cast"),
                Sign.made("pg_opclass"),
                Sign.made("pg_amop"),
                Sign.made("pg_amproc"));
    }

    private List<Sign> signsOfPrivileges() {
        return List.of(
                changedPrivileges(
                        "pg_proc", "proacl", "oid", "0", lost.signatures().keySet()),
                changedPrivileges(
                        "pg_attribute",
                        "attacl",
                        "attrelid",
                        "attnum",
                        lost.columns().keySet()));
    }

    private static Sign changedPrivileges(String catalog, String acl, String object, String sub, Set<Long> objects) {
        return Sign.some(catalog, """
                %3$s = ANY (%5$s) AND %2$s IS DISTINCT FROM (
                    SELECT i.initprivs FROM pg_init_privs AS i
                     WHERE i.classoid = '%6$s'::regclass AND i.objoid = %1$s.%3$s AND i.objsubid = %4$s)""".formatted(
                        catalog, acl, object, sub, array(objects), catalog.equals("pg_proc") ? catalog : "pg_class"));
    }

    private String functions() {
        Set<Long> calls = new TreeSet<>(lost.functions().keySet());
        calls.addAll(lost.casts().keySet());
        return alternatives(calls);
    }

    private String typeField(String start) {
        return ":[a-zA-Z_]*[tT]ype(?:[iI]d)? (" + start
                + alternatives(lost.types().keySet()) + ") ";
    }

    private String anything() {
        return ":(?:funcid|aggfnoid|winfnoid) (?:" + functions() + ") |:opno (?:"
                + alternatives(lost.operators().keySet()) + ") |" + typeField("?:") + "|:relid (?:"
                + alternatives(lost.columns().keySet()) + ") ";
    }

    private void inTrees(Session session, List<Use> uses) {
        String functions = functions();
        String operators = alternatives(lost.operators().keySet());
        String relations = alternatives(lost.columns().keySet());
        String sql = """
                WITH hit AS (
                    SELECT t.*
                      FROM (%s) t
                      LEFT JOIN pg_class c ON c.oid = t.relation
                     WHERE t.tree ~ ? AND c.relpersistence IS DISTINCT FROM 't'
                )
                SELECT DISTINCT i.type || ' ' || i.identity, u.kind, u.number::bigint, u.detail
                  FROM hit h
                 CROSS JOIN LATERAL (
                       SELECT 'function', m[1], m[2] FROM regexp_matches(h.tree, ?, 'g') AS m
                       UNION ALL
                       SELECT 'function', m[1], '0' FROM regexp_matches(h.tree, ?, 'g') AS m
                       UNION ALL
                       SELECT 'operator', m[1], '' FROM regexp_matches(h.tree, ?, 'g') AS m
                       UNION ALL
                       SELECT 'type', m[1], '' FROM regexp_matches(h.tree, ?, 'g') AS m
                       UNION ALL
                       SELECT 'relation', m[1], m[2] FROM regexp_matches(h.tree, ?, 'g') AS m
                      ) AS u (kind, number, detail)
                 CROSS JOIN LATERAL pg_identify_object(h.class, h.object, h.sub) AS i
                 WHERE NOT EXISTS (SELECT FROM pg_depend d
                                    WHERE d.deptype = 'e'
                                      AND (d.classid = h.class AND d.objid = h.object
                                           OR d.classid = 'pg_class'::regclass AND d.objid = h.relation))
                 ORDER BY 1, 2, 3, 4
                """.formatted(StoredTrees.query(version));
        session.each(
                sql,
                row -> use(row.getString(1), row.getString(2), row.getLong(3), row.getString(4), uses),
                anything(),
                // 0 is a call; 1 an explicit cast and 2 an implicit one, which is not printed as a call.
                ":funcid (" + functions
                        + ") :funcresulttype \\d+ :funcretset \\w+ :funcvariadic \\w+ :funcformat (\\d)",
                ":(?:aggfnoid|winfnoid) (" + functions + ") ",
                ":opno (" + operators + ") ",
                typeField(""),
                ":relid (" + relations + ") [^{}(]*:selectedCols \\(b([^)]*)\\)");
    }

    private void use(String object, String kind, long number, String detail, List<Use> uses) {
        switch (kind) {
            case "function" -> {
                String label = (detail.equals("0") ? lost.functions() : lost.casts()).get(number);
                if (label != null) {
                    uses.add(new Use(object, label, false, false));
                }
            }
            case "operator" -> uses.add(new Use(object, lost.operators().get(number), false, false));
            case "type" -> uses.add(new Use(object, lost.types().get(number), true, false));
            default -> {
                int first = version.isAtLeast(ServerVersion.V12) ? FIRST_BIT : FIRST_BIT_WITH_OIDS;
                Map<Integer, String> columns = lost.columns().get(number);
                for (String bit : detail.strip().split(" ", -1)) {
                    String label = bit.isEmpty() ? null : columns.get(Integer.parseInt(bit) + first);
                    if (label != null) {
                        uses.add(new Use(object, label, false, false));
                    }
                }
            }
        }
    }

    /** Uses that are written in columns of the catalogs. */
    private void inCatalogs(Session session, List<Use> uses) {
        Map<String, Map<Long, String>> kinds = new LinkedHashMap<>();
        kinds.put("type", lost.types());
        kinds.put("signature", lost.signatures());
        kinds.put("function", lost.functions());
        kinds.put("operator", lost.operators());
        String sql = """
                SELECT DISTINCT i.type || ' ' || i.identity, u.kind, u.used::bigint
                  FROM (
                """
                + String.join(
                        " UNION ALL ", List.of("""
                        SELECT 'type', a.atttypid, 'pg_class'::regclass::oid, a.attrelid, a.attnum::integer, a.attrelid
                          FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
                         WHERE a.atttypid = ANY ($type) AND a.attrelid >= 16384 AND a.attnum > 0
                           AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'f', 'c') AND c.relpersistence <> 't'""", """
                        SELECT 'type', typbasetype, 'pg_type'::regclass, oid, 0, oid
                          FROM pg_type WHERE typbasetype = ANY ($type) AND oid >= 16384""", """
                        SELECT 'type', rngsubtype, 'pg_type'::regclass, rngtypid, 0, rngtypid
                          FROM pg_range WHERE rngsubtype = ANY ($type) AND rngtypid >= 16384""", """
                        SELECT 'type', t.type, 'pg_proc'::regclass, p.oid, 0, p.oid
                          FROM pg_proc p,
                               unnest(p.prorettype || p.proargtypes::oid[] || p.proallargtypes) AS t (type)
                         WHERE t.type = ANY ($type) AND p.oid >= 16384
                           AND NOT EXISTS (SELECT FROM pg_depend d
                                            WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid
                                              AND d.deptype = 'i')""", """
                        SELECT 'type', t.type, 'pg_operator'::regclass, o.oid, 0, o.oid
                          FROM pg_operator o, unnest(ARRAY[o.oprleft, o.oprright]) AS t (type)
                         WHERE t.type = ANY ($type) AND o.oid >= 16384""", """
                        SELECT 'signature', o.oprcode, 'pg_operator'::regclass, o.oid, 0, o.oid
                          FROM pg_operator o WHERE o.oprcode = ANY ($signature) AND o.oid >= 16384""", """
                        SELECT 'type', a.aggtranstype, 'pg_proc'::regclass, a.aggfnoid, 0, a.aggfnoid
                          FROM pg_aggregate a WHERE a.aggtranstype = ANY ($type) AND a.aggfnoid >= 16384""", """
                        SELECT CASE WHEN t.typname LIKE 'any%' THEN 'signature' ELSE 'function' END, f.function,
                               'pg_proc'::regclass, a.aggfnoid, 0, a.aggfnoid
                          FROM pg_aggregate a
                          JOIN pg_type t ON t.oid = a.aggtranstype,
                               unnest(ARRAY[a.aggtransfn, a.aggfinalfn, a.aggmtransfn, a.aggminvtransfn,
                                            a.aggmfinalfn]::oid[]) AS f (function)
                         WHERE a.aggfnoid >= 16384
                           AND f.function = ANY (CASE WHEN t.typname LIKE 'any%' THEN $signature ELSE $function END)""", """
                        SELECT 'type', t.type, 'pg_cast'::regclass, c.oid, 0, c.oid
                          FROM pg_cast c, unnest(ARRAY[c.castsource, c.casttarget]) AS t (type)
                         WHERE t.type = ANY ($type) AND c.oid >= 16384""", """
                        SELECT 'signature', c.castfunc, 'pg_cast'::regclass, c.oid, 0, c.oid
                          FROM pg_cast c WHERE c.castfunc = ANY ($signature) AND c.oid >= 16384""", """
                        SELECT 'type', c.opcintype, 'pg_opclass'::regclass, c.oid, 0, c.oid
                          FROM pg_opclass c WHERE c.opcintype = ANY ($type) AND c.oid >= 16384""", """
                        SELECT 'signature', p.amproc, 'pg_amproc'::regclass, p.oid, 0, p.amprocfamily
                          FROM pg_amproc p WHERE p.amproc = ANY ($signature) AND p.oid >= 16384""", """
                        SELECT 'operator', o.amopopr, 'pg_amop'::regclass, o.oid, 0, o.amopfamily
                          FROM pg_amop o WHERE o.amopopr = ANY ($operator) AND o.oid >= 16384""", """
                        SELECT 'signature', t.tgfoid, 'pg_trigger'::regclass, t.oid, 0, t.tgrelid
                          FROM pg_trigger t WHERE t.tgfoid = ANY ($signature)"""))
                + """
                       ) AS u (kind, used, class, object, sub, owner)
                 CROSS JOIN LATERAL pg_identify_object(u.class, u.object, u.sub) AS i
                 WHERE NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid IN (u.object, u.owner) AND d.deptype = 'e')
                 ORDER BY 1, 2, 3
                """;
        for (Map.Entry<String, Map<Long, String>> kind : kinds.entrySet()) {
            sql = sql.replace("$" + kind.getKey(), array(kind.getValue().keySet()));
        }
        session.each(sql, row -> {
            String kind = row.getString(2);
            long used = row.getLong(3);
            String label = kinds.get(kind).get(used);
            boolean polymorphic = kind.equals("signature")
                    && label.contains("any")
                    && !lost.functions().containsKey(used);
            uses.add(new Use(row.getString(1), label, kind.equals("type"), polymorphic));
        });
    }

    /** Privileges on built-in objects, which a dump grants where they are not those of initdb. Before 9.6 it leaves them out. */
    private void inPrivileges(Session session, List<Use> uses) {
        String sql = """
                SELECT i.type || ' ' || i.identity, u.class = 'pg_proc'::regclass, u.object::bigint, u.sub
                  FROM (SELECT 'pg_proc'::regclass::oid, oid, 0, proacl
                          FROM pg_proc WHERE oid = ANY ($signature)
                        UNION ALL
                        SELECT 'pg_class'::regclass, attrelid, attnum::integer, attacl
                          FROM pg_attribute WHERE attrelid = ANY ($relation)
                       ) AS u (class, object, sub, acl)
                  LEFT JOIN pg_init_privs p ON (p.classoid, p.objoid, p.objsubid) = (u.class, u.object, u.sub)
                 CROSS JOIN LATERAL pg_identify_object(u.class, u.object, u.sub) AS i
                 WHERE u.acl IS DISTINCT FROM p.initprivs
                 ORDER BY 1
                """.replace("$signature", array(lost.signatures().keySet()))
                .replace("$relation", array(lost.columns().keySet()));
        session.each(sql, row -> {
            long object = row.getLong(3);
            String label = row.getBoolean(2)
                    ? lost.signatures().get(object)
                    : lost.columns().get(object).get(row.getInt(4));
            if (label != null) {
                uses.add(new Use("privileges on " + row.getString(1), label, false, false));
            }
        });
    }

    private static String alternatives(Collection<Long> oids) {
        // An empty alternative would match everything, and 0 stands for nothing in many a field.
        return oids.isEmpty()
                ? "none"
                : oids.stream().sorted().map(String::valueOf).collect(Collectors.joining("|"));
    }

    private static String array(Collection<Long> oids) {
        return oids.stream().sorted().map(String::valueOf).collect(Collectors.joining(",", "'{", "}'::oid[]"));
    }
}
