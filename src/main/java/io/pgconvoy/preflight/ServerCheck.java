package io.pgconvoy.preflight;

import io.pgconvoy.model.Finding;
import java.util.List;

/** A check that looks at the two servers as a whole. */
public abstract non-sealed class ServerCheck extends Check {
    protected ServerCheck(String name, String severities, String about) {
        super(name, severities, about);
    }

    /** Looks; empty when there is nothing in the way. */
    public abstract List<Finding> run(CheckContext context);
}
