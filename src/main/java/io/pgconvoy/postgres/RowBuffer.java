package io.pgconvoy.postgres;

/**
 * Gathers rows, since to hand on each by itself would cost more than the row does. For one thread.
 *
 * @param <E> what handing on throws
 */
public final class RowBuffer<E extends Exception> {
    /** Every message to a server, each call of a compressor has its price; from 64 KB on that no longer shows. */
    static final int SIZE = 256 * 1024;

    private final Taker<E> taker;
    private final byte[] buffer = new byte[SIZE];
    private int filled;

    /** Takes the first so many bytes at once. */
    @FunctionalInterface
    public interface Taker<E extends Exception> {
        void take(byte[] bytes, int length) throws E;
    }

    public RowBuffer(Taker<E> taker) {
        this.taker = taker;
    }

    /** Adds a row; a large one is handed on at once. */
    public void add(byte[] row) throws E {
        if (filled + row.length > SIZE) {
            flush();
        }
        if (row.length > SIZE) {
            taker.take(row, row.length);
        } else {
            System.arraycopy(row, 0, buffer, filled, row.length);
            filled += row.length;
        }
    }

    /** Hands on what is gathered. */
    public void flush() throws E {
        taker.take(buffer, filled);
        filled = 0;
    }
}
