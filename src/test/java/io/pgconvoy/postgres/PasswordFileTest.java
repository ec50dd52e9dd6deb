package io.pgconvoy.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.Endpoint;
import io.pgconvoy.config.Secret;
import io.pgconvoy.config.Side;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** As passwordFromFile in libpq's fe-connect.c has it. */
class PasswordFileTest {
    private final List<String> warnings = new ArrayList<>();

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "db1:5432:postgres:app:pw                       | pw",
                "*:*:*:*:pw                                     | pw",
                "db1:*:postgres:*:p\\:w\\\\x                    | p:w\\x",
                "db1:5432:postgres:app:p:w                      | p:w",
                "~ db1:5432:postgres:app:pw~                    | ",
                "DB1:5432:postgres:app:pw                       | ",
                "db1:5433:postgres:app:pw                       | ",
                "db1:5432:shop:app:pw                           | ",
                "db1:5432:postgres:other:pw                     | ",
                "db1:5432:postgres:app                          | ",
                "db1:5432:postgres:app:                         | ",
                "db*:5432:postgres:app:pw                       | ",
                "\\*:5432:postgres:app:pw                       | ",
                "d\\b1:5432:post\\gres:app:pw                   | pw",
                "#db1:5432:postgres:app:pw                      | ",
            })
    void readsALineAsLibpqDoes(String line, String password) throws IOException {
        assertThat(find(file(line.stripTrailing() + "\n", "rw-------"), "db1"))
                .isEqualTo(Optional.ofNullable(password));
        assertThat(warnings).isEmpty();
    }

    @Test
    void takesTheFirstLineThatFits() throws IOException {
        Path file = file("# mine\nother:*:*:*:a\r\ndb1:*:*:*:b\r\n*:*:*:*:c\n", "rw-------");

        assertThat(find(file, "db1")).contains("b");
        assertThat(find(file, "db2")).contains("c");
        assertThat(find(file, "other")).contains("a");
    }

    @Test
    void passesOverBytesOfAnotherEncoding() throws IOException {
        Path file = file("", "rw-------");
        Files.write(file, "other:*:*:*:\u00fc\ndb1:*:*:*:b".getBytes(StandardCharsets.ISO_8859_1));

        assertThat(find(file, "db1")).contains("b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-r--r--", "rw-r-----", "rw----r--", "rw--w----"})
    void isIgnoredWithAWordWhereOthersHaveRights(String rights) throws IOException {
        assertThat(find(file("*:*:*:*:pw\n", rights), "db1")).isEmpty();
        assertThat(warnings).hasSize(1).first().asString().contains("chmod 600");
    }

    @Test
    void isIgnoredWithAWordWhereItIsNoFile() {
        assertThat(find(folder, "db1")).isEmpty();
        assertThat(warnings).hasSize(1);
        assertThat(find(folder.resolve("missing"), "db1")).isEmpty();
        assertThat(warnings).hasSize(1);
    }

    private Path file(String text, String rights) throws IOException {
        Path file = Files.writeString(folder.resolve("pgpass"), text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(rights));
    }

    private Optional<String> find(Path file, String host) {
        Endpoint endpoint =
                new Endpoint(Side.SOURCE, host, 5432, "app", Optional.empty(), new DatabaseName("postgres"), Map.of());
        return PasswordFile.find(file, endpoint, warnings::add).map(Secret::reveal);
    }
}
