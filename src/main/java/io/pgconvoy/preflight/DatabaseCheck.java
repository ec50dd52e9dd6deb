package io.pgconvoy.preflight;

import io.pgconvoy.model.Finding;
import java.util.List;

/** A check that looks into each database of the source that is to be moved. It may remember what it saw in the others. */
public abstract non-sealed class DatabaseCheck extends Check {
    protected DatabaseCheck(String name, String severities, String about) {
        super(name, severities, about);
    }

    /** Looks into one database; findings that differ only in their places are put together afterwards. */
    public abstract List<Finding> run(CheckContext context, SourceDatabase database);

    /** What can only be said when all databases have been looked into. */
    public List<Finding> conclude(CheckContext context) {
        return List.of();
    }
}
