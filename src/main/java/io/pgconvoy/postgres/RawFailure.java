package io.pgconvoy.postgres;

import java.sql.SQLException;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** Failures of sessions that read bytes as LATIN1, in the words that the server meant. */
public final class RawFailure {
    private RawFailure() {}

    /** The same failure; another one where its text is not plain ASCII. */
    public static SQLException of(SQLException failure) {
        if (!(failure instanceof PSQLException told) || told.getServerErrorMessage() == null) {
            return failure;
        }
        ServerErrorMessage said = told.getServerErrorMessage();
        StringBuilder fields = new StringBuilder();
        add(fields, 'S', said.getSeverity());
        add(fields, 'C', said.getSQLState());
        add(fields, 'M', said.getMessage());
        add(fields, 'D', said.getDetail());
        add(fields, 'H', said.getHint());
        add(fields, 'W', said.getWhere());
        add(fields, 's', said.getSchema());
        add(fields, 't', said.getTable());
        add(fields, 'c', said.getColumn());
        add(fields, 'd', said.getDatatype());
        add(fields, 'n', said.getConstraint());
        if (fields.chars().allMatch(character -> character < 0x80)) {
            return failure;
        }
        PSQLException readable = new PSQLException(new ServerErrorMessage(fields.toString()), false);
        readable.initCause(failure);
        return readable;
    }

    private static void add(StringBuilder fields, char type, String value) {
        if (value != null) {
            fields.append(type).append(RawSession.text(value)).append('\0');
        }
    }
}
