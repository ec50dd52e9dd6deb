package io.pgconvoy.verify.inventory;

import java.util.List;
import java.util.Optional;

/**
 * A definition as one server has it now, taken apart as far as the target needs it to parse the definition once more.
 *
 * @param text the whole of it, as an inventory has it
 * @param pieces the expressions within the text, in their order, as they stand there
 * @param clauses all expressions of the object, over columns of one relation
 * @param relation the quoted relation that the definition belongs to
 * @param alias the quoted name by which expressions know that relation
 * @param extra what else its kind needs
 */
record DefinitionParts(
        String text,
        List<String> pieces,
        List<String> clauses,
        Optional<String> relation,
        Optional<String> alias,
        Optional<String> extra) {
    DefinitionParts {
        pieces = List.copyOf(pieces);
        clauses = List.copyOf(clauses);
    }

    /** The text without its expressions; empty where they are not found in it. */
    Optional<String> skeleton() {
        StringBuilder skeleton = new StringBuilder();
        int position = 0;
        for (String piece : pieces) {
            int found = text.indexOf(piece, position);
            if (found < 0) {
                return Optional.empty();
            }
            skeleton.append(text, position, found).append("''");
            position = found + piece.length();
        }
        return Optional.of(skeleton.append(text, position, text.length()).toString());
    }
}
