package io.pgconvoy.testing;

import java.sql.Connection;
import java.sql.SQLException;

/** Connects to any database of one server as its superuser. */
@FunctionalInterface
public interface Connector {
    /** A new connection, for the caller to close. */
    Connection connect(String database) throws SQLException;
}
