package io.pgconvoy.preflight;

import io.pgconvoy.config.Side;
import java.sql.Connection;
import java.sql.SQLException;

/** Tells which server a failed check is the fault of: the driver's message does not, and most checks ask both. */
final class LostSide {
    private static final int SECONDS = 5;

    private LostSide() {}

    /**
     * The side whose session is lost.
     *
     * @param otherwise where neither is, or both are
     */
    static Side of(Connection source, Connection target, Side otherwise) {
        boolean sourceLives = isAlive(source);
        boolean targetLives = isAlive(target);
        if (sourceLives == targetLives) {
            return otherwise;
        }
        return sourceLives ? Side.TARGET : Side.SOURCE;
    }

    private static boolean isAlive(Connection connection) {
        try {
            return connection.isValid(SECONDS);
        } catch (SQLException impossible) {
            return false;
        }
    }
}
