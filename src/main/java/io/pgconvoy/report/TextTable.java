package io.pgconvoy.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Lays out rows of cells in columns as wide as their widest cell; the first and the last column are text, the others
 * numbers.
 */
final class TextTable {
    private static final String GAP = "  ";

    private final List<List<String>> rows = new ArrayList<>();
    private final List<Integer> ruled = new ArrayList<>();

    TextTable(List<String> header) {
        rows.add(List.copyOf(header));
        rule();
    }

    /** @param cells as many as the header has */
    void row(List<String> cells) {
        if (cells.size() != rows.get(0).size()) {
            throw new IllegalArgumentException("not as many cells as columns: " + cells);
        }
        rows.add(List.copyOf(cells));
    }

    /** A line of dashes after the row that was added last. */
    void rule() {
        ruled.add(rows.size() - 1);
    }

    List<String> lines() {
        int columns = rows.get(0).size();
        int[] widths = IntStream.range(0, columns)
                .map(column -> rows.stream()
                        .mapToInt(row -> TextWidth.of(row.get(column)))
                        .max()
                        .orElse(0))
                .toArray();
        List<String> lines = new ArrayList<>();
        for (int index = 0; index < rows.size(); index++) {
            List<String> cells = new ArrayList<>();
            for (int column = 0; column < columns; column++) {
                String cell = rows.get(index).get(column);
                boolean text = column == 0 || column == columns - 1;
                cells.add(text ? TextWidth.padRight(cell, widths[column]) : TextWidth.padLeft(cell, widths[column]));
            }
            lines.add(String.join(GAP, cells).stripTrailing());
            if (ruled.contains(index)) {
                lines.add("-".repeat(IntStream.of(widths).sum() + GAP.length() * (columns - 1)));
            }
        }
        return lines;
    }
}
