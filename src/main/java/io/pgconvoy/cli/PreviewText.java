package io.pgconvoy.cli;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.catalog.DeferrableTable;
import io.pgconvoy.config.ByteSize;
import io.pgconvoy.inspection.Preview;
import io.pgconvoy.report.Printable;
import java.io.PrintStream;
import java.util.List;

/** Prints what a run would do. */
final class PreviewText {
    private PreviewText() {}

    static void print(Preview preview, PrintStream out) {
        out.println("Nothing is changed: this is what would be done.");
        out.println("Client tools: " + preview.tools().version() + " in "
                + preview.tools().folder() + "; compression " + preview.compression());
        out.println("Parallelism:  " + preview.parallelism());
        out.println("Databases, in this order:");
        for (DatabaseProperties database : preview.databases()) {
            out.printf(
                    "  %8s  %s%s%n",
                    database.size(),
                    Printable.of(database.name().value()),
                    preview.complete().contains(database.name()) ? "  (complete since an earlier run)" : "");
            for (DeferrableTable table : preview.deferred().getOrDefault(database.name(), List.of())) {
                out.printf(
                        "  %8s    its table %s comes last%n",
                        new ByteSize(table.bytes()), Printable.of(table.schema() + "." + table.name()));
            }
        }
        out.println("Globals: " + preview.globals().size() + " changes on the target");
        preview.globals().forEach(line -> out.println("  " + Printable.of(line)));
        if (!preview.warnings().isEmpty()) {
            out.println("Warnings:");
            preview.warnings().forEach(line -> out.println("  " + Printable.of(line)));
        }
    }
}
