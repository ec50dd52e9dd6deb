package io.pgconvoy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The script that starts the program, with something else in Java's place. */
class LauncherTest {
    /** HotSpot aborts the process where somebody sends it the signal that it keeps for itself, by default SIGUSR2. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void leavesSigusr2ToTheProgram(@TempDir Path folder) throws Exception {
        Path launcher = Files.copy(Path.of("pgconvoy"), folder.resolve("pgconvoy"));
        Files.createFile(folder.resolve("pgconvoy.jar"));
        Path java = Files.createDirectories(folder.resolve("jdk/bin")).resolve("java");
        Files.writeString(folder.resolve("jdk/release"), "JAVA_VERSION=\"17\"\n");
        Files.writeString(java, "#!/bin/sh\necho \"signal $_JAVA_SR_SIGNUM\"\n");
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
        ProcessBuilder builder = new ProcessBuilder("sh", launcher.toString(), "--version").redirectErrorStream(true);
        builder.environment().put("JAVA_HOME", folder.resolve("jdk").toString());
        builder.environment().remove("_JAVA_SR_SIGNUM");

        Process process = builder.start();

        assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEqualTo("signal 60\n");
        assertThat(process.waitFor()).isZero();
    }
}
