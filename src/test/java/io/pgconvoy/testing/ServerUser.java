package io.pgconvoy.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The operating system's user that servers run as: PostgreSQL refuses to run as root, so there it is nobody. */
final class ServerUser {
    private static final String UNPRIVILEGED = "nobody";

    private ServerUser() {}

    static boolean runningAsRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    /** A command that runs the given one as the servers' user. */
    static List<String> command(List<String> command) {
        if (!runningAsRoot()) {
            return command;
        }
        String user = passwdEntry(UNPRIVILEGED);
        String[] fields = user.split(":", -1);
        List<String> asNobody =
                List.of("setpriv", "--reuid=" + fields[2], "--regid=" + fields[3], "--clear-groups", "--");
        return Stream.concat(asNobody.stream(), command.stream()).toList();
    }

    /** Gives a file or folder to the servers' user. */
    static void own(Path path) throws IOException {
        if (runningAsRoot()) {
            Files.setOwner(
                    path,
                    FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName(UNPRIVILEGED));
        }
    }

    private static String passwdEntry(String name) {
        try (Stream<String> lines = Files.lines(Path.of("/etc/passwd"), StandardCharsets.ISO_8859_1)) {
            return lines.filter(line -> line.startsWith(name + ":"))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("no user " + name + " in /etc/passwd"));
        } catch (IOException e) {
            throw new IllegalStateException("cannot read /etc/passwd", e);
        }
    }
}
