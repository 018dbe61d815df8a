package dev.gatun.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
    private static final byte[] OLD = "the old contents".getBytes(StandardCharsets.UTF_8);
    private static final byte[] NEW = "new".getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path folder;

    @Test
    void createsAndReplaces() throws IOException {
        Path file = folder.resolve("a.bin");
        AtomicFile.write(file, out -> out.write(OLD));
        assertThat(file).hasBinaryContent(OLD);
        AtomicFile.write(file, out -> out.write(NEW));
        assertThat(file).hasBinaryContent(NEW);
        assertThat(Fixtures.names(folder)).containsExactly("a.bin");
    }

    @Test
    void takesANameWithoutAFolder() throws IOException {
        Path file = Path.of("atomic-file-test-" + ProcessHandle.current().pid());
        try {
            AtomicFile.write(file, out -> out.write(NEW));
            assertThat(file).hasBinaryContent(NEW);
        } finally {
            Files.deleteIfExists(file);
        }
    }

    @Test
    void aFullDiskLeavesTheOldFileAndNothingElse() throws IOException {
        Path file = Files.write(folder.resolve("a.bin"), OLD);
        assertThatThrownBy(() -> AtomicFile.write(file, out -> {
                    out.write(new byte[1 << 20]);
                    throw new IOException("No space left on device");
                }))
                .isInstanceOf(IOException.class)
                .hasMessage(file + ": cannot be written: No space left on device");
        assertThat(file).hasBinaryContent(OLD);
        assertThat(Fixtures.names(folder)).containsExactly("a.bin");
    }

    @Test
    void anErrorInTheBodyLeavesTheOldFileAndNothingElse() throws IOException {
        Path file = Files.write(folder.resolve("a.bin"), OLD);
        assertThatThrownBy(() -> AtomicFile.write(file, out -> {
                    out.write(NEW);
                    throw new StackOverflowError("on purpose");
                }))
                .isInstanceOf(StackOverflowError.class);
        assertThat(file).hasBinaryContent(OLD);
        assertThat(Fixtures.names(folder)).containsExactly("a.bin");
    }

    @Test
    void theOldFileIsThereWhileTheNewOneIsWritten() throws IOException {
        Path file = Files.write(folder.resolve("a.bin"), OLD);
        AtomicFile.write(file, out -> {
            out.write(NEW);
            out.flush();
            assertThat(file).hasBinaryContent(OLD);
            assertThat(Fixtures.names(folder)).hasSize(2);
        });
        assertThat(file).hasBinaryContent(NEW);
    }

    @Test
    void anInterruptedThreadStillSaves() throws IOException {
        Path file = folder.resolve("a.bin");
        Thread.currentThread().interrupt();
        try {
            AtomicFile.write(file, out -> out.write(NEW));
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(file).hasBinaryContent(NEW);
    }

    @Test
    void aSymbolicLinkStays() throws IOException {
        Path real = Files.createDirectory(folder.resolve("real"));
        Path file = Files.write(real.resolve("a.bin"), OLD);
        Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("real", "a.bin"));
        Path linkToLink = Files.createSymbolicLink(folder.resolve("link2"), Path.of("link"));
        AtomicFile.write(linkToLink, out -> out.write(NEW));
        assertThat(link).isSymbolicLink().hasBinaryContent(NEW);
        assertThat(linkToLink).isSymbolicLink();
        assertThat(file).isRegularFile().hasBinaryContent(NEW);
        assertThat(Fixtures.names(real)).containsExactly("a.bin");
    }

    @Test
    void aLinkToNothingCreatesItsTargetAndACircleIsAnError() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("made"));
        AtomicFile.write(link, out -> out.write(NEW));
        assertThat(folder.resolve("made")).isRegularFile().hasBinaryContent(NEW);
        Path circle = Files.createSymbolicLink(folder.resolve("circle"), Path.of("circle"));
        assertThatThrownBy(() -> AtomicFile.write(circle, out -> out.write(NEW)))
                .hasMessageContaining(circle.toString())
                .hasMessageContaining("circle");
    }

    @Test
    void permissionsStay() throws IOException {
        Path file = Files.write(folder.resolve("a.bin"), OLD);
        for (String permissions : new String[] {"rw-rw-rw-", "rw-------", "rwxr-x--x"}) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
            AtomicFile.write(file, out -> out.write(NEW));
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo(permissions);
        }
    }

    @Test
    void aNewFileHasThePermissionsOfAnyNewFile() throws IOException {
        Path plain = Files.write(folder.resolve("plain"), OLD);
        Path file = folder.resolve("a.bin");
        AtomicFile.write(file, out -> out.write(NEW));
        assertThat(Files.getPosixFilePermissions(file)).isEqualTo(Files.getPosixFilePermissions(plain));
    }

    @Test
    void foldersAndMissingFoldersAreNamed() {
        assertThatThrownBy(() -> AtomicFile.write(folder, out -> out.write(NEW)))
                .hasMessage(folder + ": cannot be written: it is a folder");
        Path file = folder.resolve("missing").resolve("a.bin");
        assertThatThrownBy(() -> AtomicFile.write(file, out -> out.write(NEW)))
                .hasMessage(file + ": cannot be written: there is no folder " + file.getParent());
    }

    @Test
    void aReadOnlyFileIsNotReplaced() throws IOException {
        Path file = Files.write(folder.resolve("a.bin"), OLD);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));
        assumeTrue(!Files.isWritable(file), "the superuser may write anything");
        assertThatThrownBy(() -> AtomicFile.write(file, out -> out.write(NEW))).hasMessageContaining("read-only");
        assertThat(file).hasBinaryContent(OLD);
    }

    @Test
    void aLongNameHasRoomForItsTemporaryFile() throws IOException {
        String name = "é".repeat(127);
        assumeTrue(
                Charset.forName(System.getProperty("sun.jnu.encoding"))
                        .newEncoder()
                        .canEncode(name),
                "names of files are plain ASCII in this locale");
        Path file = folder.resolve(name);
        AtomicFile.write(file, out -> out.write(NEW));
        assertThat(file).hasBinaryContent(NEW);
    }

    @Test
    void devicesAreWrittenToNotReplaced() throws IOException {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.exists(full) && Files.isWritable(full));
        Path link = Files.createSymbolicLink(folder.resolve("full"), full);
        assertThatThrownBy(() -> AtomicFile.write(link, out -> out.write(NEW)))
                .hasMessage(link + ": cannot be written: No space left on device");
        assertThat(Files.isRegularFile(full)).isFalse();
        assertThat(link).isSymbolicLink();
    }
}
