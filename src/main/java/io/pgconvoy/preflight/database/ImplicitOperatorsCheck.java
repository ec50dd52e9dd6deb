package io.pgconvoy.preflight.database;

import io.pgconvoy.catalog.objects.ImplicitOperators;
import io.pgconvoy.catalog.objects.StoredTrees;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.DatabaseCheck;
import io.pgconvoy.preflight.Sign;
import io.pgconvoy.preflight.SourceDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Expressions over operators that no text names, such as that of {@code NULLIF} over citext. A restore finds such an
 * operator by a search_path of pg_catalog alone: the one for texts instead, and the view shows other rows, or none at all.
 */
public final class ImplicitOperatorsCheck extends DatabaseCheck {
    /** An operator outside of pg_catalog, where a restore would find it. */
    private record Operator(long oid, String schema, String label) {}

    public ImplicitOperatorsCheck() {
        super(
                "implicit-operators",
                "blocker",
                "`IS DISTINCT FROM`, `NULLIF`, `CASE x WHEN`, `JOIN ... USING`, `NATURAL JOIN`, `(a, b)"
                        + " IN` and row comparisons over operators outside of pg_catalog (citext, hstore, ltree,"
                        + " your own), in whatever stores an expression, see below");
    }

    @Override
    public List<Sign> signs(CheckContext context) {
        return List.of(Sign.some("pg_operator", "oprnamespace <> 'pg_catalog'::regnamespace"));
    }

    @Override
    public List<Finding> run(CheckContext context, SourceDatabase database) {
        Map<Long, Operator> operators = operators(database.session());
        if (operators.isEmpty()) {
            return List.of();
        }
        List<Place> places = new ArrayList<>();
        // Of operators that are built in no dependency is recorded, so that few trees are left to be read.
        for (List<String> row : database.session()
                .list(
                        """
                SELECT i.type || ' ' || i.identity, t.tree
                  FROM (%s) AS t
                  LEFT JOIN pg_class AS c ON c.oid = t.relation
                 CROSS JOIN LATERAL pg_identify_object(t.class, t.object, t.sub) AS i
                 WHERE c.relpersistence IS DISTINCT FROM 't'
                   AND EXISTS (SELECT FROM pg_depend AS d
                                WHERE d.refclassid = 'pg_operator'::regclass
                                  AND (d.classid = t.holder_class AND d.objid = t.holder
                                       -- Before 15 it is the column that depends, if it is a generated one.
                                       OR d.classid = t.class AND d.objid = t.object AND d.objsubid = t.sub))
                   AND NOT EXISTS (SELECT FROM pg_depend AS d
                                    WHERE d.deptype = 'e'
                                      AND (d.classid = t.class AND d.objid = t.object
                                           OR d.classid = 'pg_class'::regclass AND d.objid = t.relation))
                 ORDER BY 1
                """.formatted(StoredTrees.query(database.version())),
                        row -> List.of(row.getString(1), row.getString(2)))) {
            Map<String, TreeSet<String>> ways = new TreeMap<>();
            for (ImplicitOperators.Use use : ImplicitOperators.in(row.get(1))) {
                Operator printed = operators.get(use.first());
                for (long oid : use.operators()) {
                    Operator operator = operators.get(oid);
                    if (use.first() == 0 ? operator != null : !schema(operator).equals(schema(printed))) {
                        ways.computeIfAbsent(use.way(), none -> new TreeSet<>())
                                .add((operator == null ? printed : operator).label());
                    }
                }
            }
            ways.forEach((way, labels) ->
                    places.add(database.place(row.get(0) + " (" + way + " by " + String.join(" and ", labels) + ")")));
        }
        return onSource(blocker(
                        "expressions use operators outside of pg_catalog that their text does not name: the target"
                                + " would take others for them, or find none",
                        "Write them with the operator on the source: WHEN x = y for CASE x WHEN y, JOIN ... ON for USING,"
                                + " NOT (x = y) and what null means for IS DISTINCT FROM, EXISTS for (x, y) IN. Or pass"
                                + " --ignore-check " + name() + " and make them again on the target.")
                .at(places));
    }

    private static String schema(Operator operator) {
        return operator == null ? "pg_catalog" : operator.schema();
    }

    private static Map<Long, Operator> operators(Session session) {
        return session.list("""
                        SELECT o.oid, n.nspname, quote_ident(n.nspname) || '.' || o.oprname
                          FROM pg_operator AS o JOIN pg_namespace AS n ON n.oid = o.oprnamespace
                         WHERE n.nspname <> 'pg_catalog'
                        """, row -> new Operator(row.getLong(1), row.getString(2), row.getString(3))).stream()
                .collect(Collectors.toMap(Operator::oid, operator -> operator));
    }
}
