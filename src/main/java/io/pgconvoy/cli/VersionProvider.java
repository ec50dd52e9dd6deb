package io.pgconvoy.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** pgconvoy's own version, which the build writes into a resource. */
final class VersionProvider implements IVersionProvider {
    static String version() {
        Properties properties = new Properties();
        try (InputStream stream = VersionProvider.class.getResourceAsStream("/pgconvoy.properties")) {
            properties.load(stream);
        } catch (IOException missing) {
            throw new UncheckedIOException(missing);
        }
        return properties.getProperty("version");
    }

    @Override
    public String[] getVersion() {
        return new String[] {"pgconvoy " + version()};
    }
}
