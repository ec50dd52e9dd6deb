package io.pgconvoy.postgres;

import java.io.IOException;
import java.sql.SQLException;
import org.postgresql.copy.CopyIn;

/** The messages of a {@code COPY ... FROM STDIN}: rows are gathered, since a message for each would cost more than the row. */
final class CopyMessages {
    static final int SIZE = 256 * 1024;

    private final CopyIn copy;
    private final byte[] buffer = new byte[SIZE];
    private int filled;

    /** Sends everything. */
    @FunctionalInterface
    interface Sending {
        void send(CopyMessages copy) throws SQLException, IOException;
    }

    CopyMessages(CopyIn copy) {
        this.copy = copy;
    }

    void add(byte[] row) throws SQLException {
        if (filled + row.length > SIZE) {
            flush();
        }
        if (row.length > SIZE) {
            send(row, row.length);
        } else {
            System.arraycopy(row, 0, buffer, filled, row.length);
            filled += row.length;
        }
    }

    void flush() throws SQLException {
        send(buffer, filled);
        filled = 0;
    }

    /** Sends bytes beside those that were added. */
    void send(byte[] bytes, int length) throws SQLException {
        copy.writeToCopy(bytes, 0, length);
    }
}
