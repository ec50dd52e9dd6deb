package io.pgconvoy.transfer;

import java.sql.SQLException;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** What a server says about a failure, in one line. */
final class ServerWords {
    private ServerWords() {}

    /** Its message and its detail, which names a violating value. */
    static String of(SQLException failure) {
        if (failure instanceof PSQLException fromServer && fromServer.getServerErrorMessage() != null) {
            ServerErrorMessage message = fromServer.getServerErrorMessage();
            String detail = message.getDetail();
            return message.getMessage() + (detail == null ? "" : " (" + detail + ")");
        }
        return String.valueOf(failure.getMessage());
    }
}
