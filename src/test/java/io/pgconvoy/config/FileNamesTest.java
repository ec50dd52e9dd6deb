package io.pgconvoy.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FileNamesTest {
    @ParameterizedTest
    @CsvSource({"shop, shop", "shop-2_eu, shop-2_eu", "Shop, %53hop", "a=b, a%3db", "ü, %c3%bc", "100%, 100%25"})
    void leavesPlainNamesReadable(String name, String file) {
        assertThat(FileNames.encode(name)).isEqualTo(file);
    }

    @ParameterizedTest
    @ValueSource(strings = {"../x", "..", ".", "/etc/passwd", "a/b", "a\\b", "a\nb", "CON", " ", "C:x", "~"})
    void keepsEveryNameInItsFolder(String name, @TempDir Path folder) throws IOException {
        Path file = folder.resolve(FileNames.encode(name));

        assertThat(file.normalize().getParent()).isEqualTo(folder);
        assertThat(Files.createDirectory(file)).isDirectory();
    }

    @Test
    void givesNoTwoNamesTheSameFile() {
        List<String> names = List.of("a", "A", "a ", "%41", "%61", "a%20", "a.", "ä", "a\u0308", "a/b", "a%2fb", "a_b");

        // Also where the file system ignores case.
        assertThat(names.stream().map(name -> FileNames.encode(name).toLowerCase(Locale.ROOT)))
                .doesNotHaveDuplicates();
    }

    @Test
    void fitsTheLongestIdentifierIntoAFileName() {
        assertThat(FileNames.encode("Ü".repeat(31) + "X")).hasSize(189);
    }
}
