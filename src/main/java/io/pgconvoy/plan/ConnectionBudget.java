package io.pgconvoy.plan;

/**
 * How many connections a server can still give to this user.
 *
 * @param maxConnections max_connections
 * @param reserved those kept back from this user: superuser_reserved_connections for others, reserved_connections
 * @param inUse client backends there are now, ours not counted
 */
public record ConnectionBudget(int maxConnections, int reserved, int inUse) {
    public int available() {
        return Math.max(0, maxConnections - reserved - inUse);
    }

    /** The numbers, for a message. */
    @Override
    public String toString() {
        return available() + " (max_connections " + maxConnections + ", " + reserved + " reserved, " + inUse
                + " in use)";
    }
}
