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
 * Client tools whose pg_dump of one database can be held up: everything is dumped then, and pg_dump has not ended. No lock on
 * the source would do: whatever pg_dump reads is read by others before.
 */
final class HeldDump {
    private final Path folder;
    private final Path gate;
    private final Path reached;

    /**
     * Writes the tools.
     *
     * @param folder does not exist yet
     */
    HeldDump(Path folder, String database) {
        this.folder = folder;
        this.gate = folder.resolve("gate");
        this.reached = folder.resolve("reached");
        Path tools = PostgresTools.folder();
        try {
            Files.createDirectories(folder);
            Files.createSymbolicLink(folder.resolve("pg_restore"), tools.resolve("pg_restore"));
            Path script = folder.resolve("pg_dump");
            Files.writeString(script, """
                    #!/bin/bash
                    %1$s/pg_dump "$@" || exit
                    case "$*" in *"dbname='%2$s'"* | *dbname=%2$s\\ *) ;; *) exit 0 ;; esac
                    if [ -e %3$s ]; then
                      touch %4$s
                      while [ -e %3$s ]; do sleep 0.05; done
                    fi
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

    /** Has the next dump wait until that is closed. */
    Obstacle hold() {
        try {
            Files.deleteIfExists(reached);
            Files.writeString(gate, "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return () -> {
            try {
                Files.deleteIfExists(gate);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
    }

    /** Waits until a dump waits. */
    void awaitReached(Duration patience) {
        await().atMost(patience).until(() -> Files.exists(reached));
    }
}
