package io.pgconvoy.catalog.objects;

import io.pgconvoy.catalog.objects.NodeTree.Node;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The operators of an expression that SQL has no place to name: those behind {@code IS DISTINCT FROM}, {@code NULLIF},
 * {@code CASE x WHEN}, {@code JOIN USING}, {@code NATURAL JOIN}, and the second and later ones of {@code (a, b) IN} and
 * {@code (a, b) <}. A server prints them without their schema, so that whoever reads the text, as a restore does, finds
 * them by its own search_path.
 *
 * @see <a href="https://github.com/postgres/postgres/blob/master/src/backend/utils/adt/ruleutils.c">ruleutils.c, which
 *     prints expressions</a>
 */
public final class ImplicitOperators {
    private ImplicitOperators() {}

    /**
     * A way of writing that names no operator.
     *
     * @param way as people know it
     * @param operators the OIDs of the operators that it stands for
     * @param first the OID of the operator that is printed for all of these; 0 where none is
     */
    public record Use(String way, Set<Long> operators, long first) {
        public Use {
            operators = Set.copyOf(operators);
        }
    }

    /** All of them in a stored tree. */
    public static List<Use> in(String tree) {
        List<Use> uses = new ArrayList<>();
        for (Node node : NodeTree.parse(tree).nodes()) {
            switch (node.name()) {
                case "DISTINCTEXPR" -> uses.add(new Use("IS DISTINCT FROM", Set.of(node.number("opno")), 0));
                case "NULLIFEXPR" -> uses.add(new Use("NULLIF", Set.of(node.number("opno")), 0));
                case "CASEEXPR", "CASE" -> ofCase(node, uses);
                case "JOINEXPR" -> ofJoin(node, uses);
                case "ROWCOMPARE", "ROWCOMPAREEXPR" -> ofRows(node.numbers("opnos"), uses);
                case "SUBLINK" ->
                    node.node("testexpr").ifPresent(test -> ofRows(List.copyOf(operators(test, true)), uses));
                default -> {}
            }
        }
        return uses;
    }

    private static void ofCase(Node node, List<Use> uses) {
        if (node.node("arg").isEmpty()) {
            return;
        }
        Set<Long> operators = new TreeSet<>();
        for (Node when : node.elements("args")) {
            // A server before 14 says CASE and WHEN.
            when.node("expr")
                    .filter(test -> test.name().equals("OPEXPR"))
                    .ifPresent(test -> operators.add(test.number("opno")));
        }
        if (!operators.isEmpty()) {
            uses.add(new Use("CASE ... WHEN", operators, 0));
        }
    }

    private static void ofJoin(Node node, List<Use> uses) {
        if (node.node("usingClause").isPresent()) {
            node.node("quals").ifPresent(quals -> uses.add(new Use("JOIN ... USING", operators(quals, false), 0)));
        }
    }

    /** One operator is printed for all columns. */
    private static void ofRows(List<Long> operators, List<Use> uses) {
        if (operators.size() > 1) {
            uses.add(new Use("a comparison of rows", Set.copyOf(operators), operators.get(0)));
        }
    }

    /** The operators of a comparison, or of several that are joined by AND or OR. */
    private static Set<Long> operators(Node test, boolean ofRows) {
        Set<Long> operators = new LinkedHashSet<>();
        if (test.name().equals("OPEXPR") && !ofRows) {
            operators.add(test.number("opno"));
        }
        if (test.name().equals("BOOLEXPR")) {
            for (Node part : test.elements("args")) {
                operators.addAll(part.name().equals("BOOLEXPR") ? operators(part, ofRows) : operators(part, false));
            }
        }
        return operators;
    }
}
