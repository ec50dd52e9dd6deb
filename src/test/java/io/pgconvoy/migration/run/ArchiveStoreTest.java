package io.pgconvoy.migration.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.config.DatabaseName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchiveStoreTest {
    private static final DatabaseName SHOP = new DatabaseName("shop");

    @TempDir
    Path root;

    private ArchiveStore store;

    @BeforeEach
    void make() {
        store = new ArchiveStore(root, List.of(), "migration", database -> Optional.empty());
    }

    @Test
    void endsWhatIsLeftAtWorkOnADumpBeforeItIsDeleted() throws Exception {
        Path archive = Files.createDirectories(store.prepare(SHOP));
        Process left = new ProcessBuilder("sh", "-c", "sleep 60; true", "pg_dump", "--file=" + archive).start();
        try {
            store.delete(SHOP);

            assertThat(left.waitFor(10, TimeUnit.SECONDS)).isTrue();
            assertThat(archive.getParent()).doesNotExist();
        } finally {
            left.descendants().forEach(ProcessHandle::destroyForcibly);
            left.destroyForcibly();
        }
    }

    @Test
    void deletesAUsedDump() throws Exception {
        Path archive = Files.createDirectories(store.prepare(SHOP));

        store.deleteUsed(SHOP);

        assertThat(archive.getParent()).doesNotExist();
    }
}
