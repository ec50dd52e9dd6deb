package io.pgconvoy.plan;

import io.pgconvoy.catalog.ServerStatus;
import java.util.OptionalInt;

/**
 * How many connections a server can still give to this user.
 *
 * @param maxConnections max_connections
 * @param reserved those kept back from this user: superuser_reserved_connections for others, reserved_connections
 * @param inUse client backends there are now, ours not counted
 * @param ofUser how many more the role's CONNECTION LIMIT lets it open; empty without one
 * @param ofDatabase how many more the CONNECTION LIMIT of the tightest database lets in; empty without one
 */
public record ConnectionBudget(
        int maxConnections, int reserved, int inUse, OptionalInt ofUser, OptionalInt ofDatabase) {
    /** One without limits of roles and databases. */
    public ConnectionBudget(int maxConnections, int reserved, int inUse) {
        this(maxConnections, reserved, inUse, OptionalInt.empty(), OptionalInt.empty());
    }

    /** What a server said. */
    public static ConnectionBudget of(ServerStatus status) {
        return new ConnectionBudget(
                status.maxConnections(),
                status.reservedConnections(),
                status.connectionsInUse(),
                status.connectionsOfUser(),
                OptionalInt.empty());
    }

    /** The same for databases of which the tightest lets so many in. */
    public ConnectionBudget withDatabases(OptionalInt tightest) {
        return new ConnectionBudget(maxConnections, reserved, inUse, ofUser, tightest);
    }

    /** To all databases together. */
    public int available() {
        return Math.max(0, Math.min(maxConnections - reserved - inUse, ofUser.orElse(Integer.MAX_VALUE)));
    }

    /** To one database. */
    public int availableInDatabase() {
        return Math.min(available(), ofDatabase.orElse(Integer.MAX_VALUE));
    }

    /** The numbers, for a message. */
    @Override
    public String toString() {
        return available() + " (max_connections " + maxConnections + ", " + reserved + " reserved, " + inUse + " in use"
                + (ofUser.isPresent() ? ", " + ofUser.getAsInt() + " left by the role's CONNECTION LIMIT" : "")
                + (ofDatabase.isPresent()
                        ? ", " + ofDatabase.getAsInt() + " left by the CONNECTION LIMIT of a database"
                        : "")
                + ")";
    }
}
