package io.pgconvoy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The script that starts the program, with something else in Java's place. */
class LauncherTest {
    @TempDir
    private Path folder;

    /** HotSpot aborts the process where somebody sends it the signal that it keeps for itself, by default SIGUSR2. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void leavesSigusr2ToTheProgram() throws Exception {
        javaIs("echo \"signal $_JAVA_SR_SIGNUM\"");
        Files.createFile(folder.resolve("pgconvoy.jsa"));

        assertThat(launched()).isEqualTo("signal 60\n");
    }

    @Test
    void makesAnArchiveOfClassesOnceAndStartsWithIt() throws Exception {
        javaIs("""
                for word; do
                  case $word in
                    -XX:DumpLoadedClassList=*) echo some/Class >"${word#*=}" ;;
                    -Xshare:dump) dump=1 ;;
                    -XX:SharedArchiveFile=*) [ -z "${dump:-}" ] || echo archive >"${word#*=}" ;;
                  esac
                done
                echo "$@"
                """);
        Path archive = folder.resolve("pgconvoy.jsa");

        assertThat(launched())
                .startsWith("pgconvoy: building " + archive + " (once)\n")
                .contains(" -XX:SharedArchiveFile=" + archive + " ")
                .endsWith(" --version\n");
        assertThat(archive).hasContent("archive\n");
        assertThat(launched()).doesNotContain("building").contains(" -XX:SharedArchiveFile=" + archive + " ");
        assertThat(folder).isDirectoryNotContaining(path -> path.toString().contains(".list"));

        Files.setLastModifiedTime(
                folder.resolve("pgconvoy.jar"), FileTime.from(Instant.now().plus(Duration.ofMinutes(1))));
        assertThat(launched()).as("with another jar").contains("building");
    }

    @Test
    void startsWithoutAnArchiveWhereNoneCanBeMadeAndTriesOnce() throws Exception {
        javaIs("case $* in *-Xshare*) exit 1 ;; esac; echo \"$@\"");

        assertThat(launched()).contains("building").doesNotContain("SharedArchiveFile");
        assertThat(launched()).doesNotContain("building").doesNotContain("SharedArchiveFile");
    }

    private void javaIs(String script) throws IOException {
        Files.createFile(folder.resolve("pgconvoy.jar"));
        Path java = Files.createDirectories(folder.resolve("jdk/bin")).resolve("java");
        Files.writeString(folder.resolve("jdk/release"), "JAVA_VERSION=\"17\"\n");
        Files.writeString(java, "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** What {@code pgconvoy --version} prints, and Java in its place. */
    private String launched() throws Exception {
        Path launcher = folder.resolve("pgconvoy");
        Files.copy(Path.of("pgconvoy"), launcher, StandardCopyOption.REPLACE_EXISTING);
        ProcessBuilder builder = new ProcessBuilder("sh", launcher.toString(), "--version").redirectErrorStream(true);
        builder.environment().put("JAVA_HOME", folder.resolve("jdk").toString());
        builder.environment().remove("_JAVA_SR_SIGNUM");
        Process process = builder.start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        return printed;
    }
}
