package io.pgconvoy.plan;

import io.pgconvoy.config.ByteSize;
import java.util.OptionalInt;

/** Fits the workers of pg_dump or pg_restore to a database. */
public final class JobsFit {
    /** Up to this size one is as quick, since each further one has a process and a session to begin; measured at 40 MB. */
    private static final ByteSize SMALL = ByteSize.ofMegabytes(32);

    private JobsFit() {}

    /**
     * How many they are.
     *
     * @param size of the database; 0 where it is not known
     * @param said by the user, who is obeyed
     * @param fitting the servers and this machine
     */
    public static int of(ByteSize size, OptionalInt said, int fitting) {
        boolean small = size.bytes() > 0 && size.bytes() <= SMALL.bytes();
        return said.isEmpty() && small ? 1 : fitting;
    }
}
