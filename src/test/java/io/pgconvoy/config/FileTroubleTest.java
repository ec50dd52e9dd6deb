package io.pgconvoy.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FileTroubleTest {
    @Test
    void givesTheReasonInWords() {
        Map<IOException, String> reasons = Map.of(
                new NoSuchFileException("/x"), "there is no such file or folder",
                new AccessDeniedException("/x"), "permission denied",
                new FileAlreadyExistsException("/x"), "a file is in the way",
                new FileSystemException("/x", null, "Not a directory"), "not a directory",
                new MalformedInputException(1), "it is not UTF-8",
                new IOException("No space left on device"), "no space left on device",
                new IOException(), "IOException");

        reasons.forEach(
                (failure, reason) -> assertThat(FileTrouble.reason(failure)).isEqualTo(reason));
    }
}
