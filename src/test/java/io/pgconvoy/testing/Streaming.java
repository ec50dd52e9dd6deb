package io.pgconvoy.testing;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Has the migrations of a test class stream their rows, however small the databases are. What is to be true of both
 * transports is in one class, and one that extends it has this extension.
 */
public final class Streaming implements BeforeAllCallback, AfterAllCallback {
    @Override
    public void beforeAll(ExtensionContext context) {
        PgconvoyProcess.stream(true);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        PgconvoyProcess.stream(false);
    }
}
