package io.pgconvoy.resume;

import static org.awaitility.Awaitility.await;

import io.pgconvoy.testing.PostgresTools;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;

/**
 * Client tools whose pg_dump of one database can be held up: before it connects, or when everything is dumped and it has not
 * ended. No lock on the source would do: whatever pg_dump reads is read by others before.
 */
final class HeldDump {
    private final Path folder;
    private final Path gate;
    private final Path reached;

    /**
     * Writes the tools.
     *
     * @param folder where they are to be, made if it is not there
     */
    HeldDump(Path folder, String database) {
        this.folder = folder;
        this.gate = folder.resolve("gate");
        this.reached = folder.resolve("reached");
        Path tools = PostgresTools.folder();
        try {
            Files.createDirectories(folder);
            Files.deleteIfExists(folder.resolve("pg_restore"));
            Files.createSymbolicLink(folder.resolve("pg_restore"), tools.resolve("pg_restore"));
            Path script = folder.resolve("pg_dump");
            Files.writeString(script, """
                    #!/bin/bash
                    hold() {
                      case "$arguments" in *"dbname='%2$s'"* | *dbname=%2$s\\ *) ;; *) return ;; esac
                      if [ -e "$1" ]; then
                        : >%4$s
                        while [ -e "$1" ]; do /bin/sleep 0.05; done
                      fi
                    }
                    arguments="$*"
                    hold %3$s-before
                    %1$s/pg_dump "$@" || exit
                    hold %3$s
                    """.formatted(tools, database, gate, reached));
            Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** For {@code --pg-bin}. */
    Path folder() {
        return folder;
    }

    /** Has the next dump wait at its end until that is closed. */
    Obstacle hold() {
        return hold(gate);
    }

    /** Has the next dump wait before it connects. */
    Obstacle holdBefore() {
        return hold(gate.resolveSibling(gate.getFileName() + "-before"));
    }

    private Obstacle hold(Path where) {
        try {
            Files.deleteIfExists(reached);
            Files.writeString(where, "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return () -> {
            try {
                Files.deleteIfExists(where);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
    }

    boolean isReached() {
        return Files.exists(reached);
    }

    /** Waits until a dump waits. */
    void awaitReached(Duration patience) {
        await().atMost(patience).until(this::isReached);
    }
}
