package io.pgconvoy.preflight;

import io.pgconvoy.model.Finding;
import java.sql.SQLException;
import java.util.List;

/** A check that looks into each database of the source that is to be moved. It may remember what it saw in the others. */
public non-sealed interface DatabaseCheck extends Check {
    /** Looks into one database; findings that differ only in their places are put together afterwards. */
    List<Finding> run(Situation situation, SourceDatabase database) throws SQLException;

    /** What can only be said when all databases have been looked into. */
    default List<Finding> conclude(Situation situation) throws SQLException {
        return List.of();
    }
}
