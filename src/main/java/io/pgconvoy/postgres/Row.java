package io.pgconvoy.postgres;

import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One row of a query's answer, to be read while it is at hand. Columns go by their names, or by their numbers from 1 on. A
 * failure to read one is a {@link SqlFailure}, as that of a statement.
 */
public final class Row {
    private final Session session;
    private final ResultSet row;

    Row(Session session, ResultSet row) {
        this.session = session;
        this.row = row;
    }

    @FunctionalInterface
    private interface Reading<T> {
        T read() throws SQLException;
    }

    private <T> T read(Reading<T> reading) {
        try {
            return reading.read();
        } catch (SQLException failure) {
            throw session.failure(failure);
        }
    }

    private int column(String name) {
        return read(() -> row.findColumn(name));
    }

    /** Null where the column is. */
    public String getString(int column) {
        return read(() -> row.getString(column));
    }

    public String getString(String column) {
        return getString(column(column));
    }

    /** The text; empty where the column is null. */
    public Optional<String> text(int column) {
        return Optional.ofNullable(getString(column));
    }

    public Optional<String> text(String column) {
        return text(column(column));
    }

    /** The number; 0 where the column is null. */
    public long getLong(int column) {
        return read(() -> row.getLong(column));
    }

    public long getLong(String column) {
        return getLong(column(column));
    }

    /** The number; empty where the column is null. */
    public Optional<Long> number(int column) {
        long number = getLong(column);
        return read(row::wasNull) ? Optional.empty() : Optional.of(number);
    }

    public Optional<Long> number(String column) {
        return number(column(column));
    }

    /** The number; 0 where the column is null. */
    public int getInt(int column) {
        return read(() -> row.getInt(column));
    }

    public int getInt(String column) {
        return getInt(column(column));
    }

    /** The truth; false where the column is null. */
    public boolean getBoolean(int column) {
        return read(() -> row.getBoolean(column));
    }

    public boolean getBoolean(String column) {
        return getBoolean(column(column));
    }

    /** Null where the column is. */
    public byte[] getBytes(int column) {
        return read(() -> row.getBytes(column));
    }

    public byte[] getBytes(String column) {
        return getBytes(column(column));
    }

    /** The column's value as a type of the driver's, such as a BigDecimal; null where it is null. */
    public <T> T get(int column, Class<T> type) {
        return read(() -> row.getObject(column, type));
    }

    public <T> T get(String column, Class<T> type) {
        return get(column(column), type);
    }

    /** The texts of an array of texts; none where the column is null. An element may be null. */
    public List<String> texts(int column) {
        return read(() -> {
            List<String> texts = new ArrayList<>();
            Array array = row.getArray(column);
            if (array != null) {
                for (Object element : (Object[]) array.getArray()) {
                    texts.add(element == null ? null : String.valueOf(element));
                }
            }
            return texts;
        });
    }

    public List<String> texts(String column) {
        return texts(column(column));
    }

    /** The numbers of an array of whole numbers without nulls; none where the column is null. */
    public List<Long> numbers(int column) {
        return texts(column).stream().map(Long::valueOf).toList();
    }

    public List<Long> numbers(String column) {
        return numbers(column(column));
    }

    /** How many columns there are. */
    public int columns() {
        return read(() -> row.getMetaData().getColumnCount());
    }

    /** A column's name. */
    public String name(int column) {
        return read(() -> row.getMetaData().getColumnLabel(column));
    }
}
