package io.pgconvoy.tuning;

import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;

/** Something other than the server kept a database from being opened or closed. */
final class DoorException extends PgconvoyException {
    private static final long serialVersionUID = 1;

    DoorException(String message) {
        super(ErrorKind.SOURCE, message, "");
    }
}
