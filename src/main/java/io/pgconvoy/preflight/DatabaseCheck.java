package io.pgconvoy.preflight;

import io.pgconvoy.model.Finding;
import java.util.List;

/** A check that looks into each database of the source that is to be moved. It may remember what it saw in the others. */
public abstract non-sealed class DatabaseCheck extends Check {
    protected DatabaseCheck(String name, String severities, String about) {
        super(name, severities, about);
    }

    /**
     * The signs of which one is seen in each database where this finds something; none where it has to be asked in
     * any case. Those of its parts are among them.
     */
    public List<Sign> signs(CheckContext context) {
        return List.of();
    }

    /** Looks into one database; findings that differ only in their places are put together afterwards. */
    public abstract List<Finding> run(CheckContext context, SourceDatabase database);

    /** What can only be said when all databases have been looked into. */
    public List<Finding> conclude(CheckContext context) {
        return List.of();
    }
}
