package io.pgconvoy.testing;

import io.pgconvoy.config.Transport;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Has the migrations of a test class stream their rows, however small the databases are. What is to be true of both
 * transports is in one class, and one that extends it has this extension; a test of its own rather has a parameter, for {@link #options}.
 */
public final class Streaming implements BeforeAllCallback, AfterAllCallback {
    /** Has one migration use this transport, however small the databases are. */
    public static List<String> options(Transport transport) {
        String option = "--transport=" + transport.name().toLowerCase(Locale.ROOT);
        return transport == Transport.STREAM ? List.of(option, "--stream-larger-than=0") : List.of(option);
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        PgconvoyProcess.stream(true);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        PgconvoyProcess.stream(false);
    }
}
