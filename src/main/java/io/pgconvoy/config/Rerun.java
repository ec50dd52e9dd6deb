package io.pgconvoy.config;

import java.util.List;

/**
 * What the user says about what earlier runs have done.
 *
 * @param dumpRootGiven whether --dump-root was given; otherwise the journal's is gone on with
 * @param redo which databases are moved anew, whatever has become of them
 */
public record Rerun(boolean dumpRootGiven, List<Glob> redo) {
    public Rerun {
        redo = List.copyOf(redo);
    }

    /** Whether a database is to be moved anew. */
    public boolean redoes(DatabaseName database) {
        return redo.stream().anyMatch(pattern -> pattern.matches(database.value()));
    }
}
