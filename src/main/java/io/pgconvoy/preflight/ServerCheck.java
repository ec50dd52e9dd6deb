package io.pgconvoy.preflight;

import io.pgconvoy.model.Finding;
import java.sql.SQLException;
import java.util.List;

/** A check that looks at the two servers as a whole. */
public non-sealed interface ServerCheck extends Check {
    /** Looks; empty when there is nothing in the way. */
    List<Finding> run(Situation situation) throws SQLException;
}
