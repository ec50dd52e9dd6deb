package io.pgconvoy.catalog.objects;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * An expression or a query as a server stores it: {@code {OPEXPR :opno 98 :args ({VAR ...} {CONST ...})}}. Read without
 * recursion, since a chain of a thousand operators is as many levels deep.
 *
 * @see <a href="https://github.com/postgres/postgres/blob/master/src/backend/nodes/outfuncs.c">outfuncs.c, which writes
 *     it</a>
 */
public final class NodeTree {
    /** A node, or a list, which has no name. */
    public static final class Node {
        private final String name;
        private final Map<String, List<Node>> nodes = new HashMap<>();
        private final Map<String, String> words = new HashMap<>();
        private String field = "";

        private Node(String name) {
            this.name = name;
        }

        /** Such as {@code OPEXPR}; empty for a list. */
        public String name() {
            return name;
        }

        /** The number in a field; 0 where there is none. */
        public long number(String ofField) {
            String word = words.getOrDefault(ofField, "").strip();
            return word.matches("\\d{1,18}") ? Long.parseLong(word) : 0;
        }

        /** The numbers of a field that is a list of them. */
        public List<Long> numbers(String ofField) {
            return nodes(ofField).stream()
                    .flatMap(list -> Stream.of(list.words.getOrDefault("", "").split(" ", -1)))
                    .filter(word -> word.matches("\\d{1,18}"))
                    .map(Long::valueOf)
                    .toList();
        }

        /** The node in a field. */
        public Optional<Node> node(String ofField) {
            return nodes(ofField).stream().findFirst();
        }

        /** The elements of the list in a field. */
        public List<Node> elements(String ofField) {
            return nodes(ofField).stream()
                    .flatMap(list -> list.nodes("").stream())
                    .toList();
        }

        private List<Node> nodes(String ofField) {
            return nodes.getOrDefault(ofField, List.of());
        }
    }

    private final List<Node> all = new ArrayList<>();

    private NodeTree() {}

    /** Every node of it, in the order of the text. */
    public List<Node> nodes() {
        return all;
    }

    /** Reads one tree, or several one after the other. */
    public static NodeTree parse(String text) {
        NodeTree tree = new NodeTree();
        Deque<Node> open = new ArrayDeque<>();
        open.push(new Node(""));
        int at = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '{' || c == '(') {
                int end = at + 1;
                while (c == '{' && end < text.length() && Character.isLetterOrDigit(text.charAt(end))) {
                    end++;
                }
                Node node = new Node(text.substring(at + 1, end));
                Node parent = open.element();
                parent.nodes
                        .computeIfAbsent(parent.field, none -> new ArrayList<>())
                        .add(node);
                tree.all.add(node);
                open.push(node);
                at = end;
            } else if (c == '}' || c == ')') {
                if (open.size() > 1) {
                    open.pop();
                }
                at++;
            } else if (Character.isWhitespace(c)) {
                at++;
            } else {
                int end = endOfWord(text, at);
                String word = text.substring(at, end);
                Node node = open.element();
                if (c == ':' && !node.name.isEmpty()) {
                    node.field = word.substring(1);
                } else {
                    node.words.merge(node.field, word, (one, other) -> one + " " + other);
                }
                at = end;
            }
        }
        return tree;
    }

    /** A word ends at a space or bracket, but for one behind a backslash or within quotes. */
    private static int endOfWord(String text, int from) {
        boolean quoted = text.charAt(from) == '"';
        int at = quoted ? from + 1 : from;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '\\') {
                at++;
            } else if (quoted && c == '"') {
                return at + 1;
            } else if (!quoted && (Character.isWhitespace(c) || "{}()".indexOf(c) >= 0)) {
                break;
            }
            at++;
        }
        // Never nothing, or reading would not go on.
        return Math.max(Math.min(at, text.length()), from + 1);
    }
}
