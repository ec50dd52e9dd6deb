package io.pgconvoy.preflight;

import java.util.List;

/** One thing that can stand in the way of a migration. */
public interface Check {
    /** In kebab case, for people and scripts. */
    String name();

    /** Looks; empty when there is nothing in the way. */
    List<Finding> run(Situation situation);
}
