package dev.gatun.foreign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LibraryCacheTest {
    private static final byte[] CONTENT = "not really a library".getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path temporary;

    private Path cache;
    private String hash;
    private URL library;
    private URL hashFile;

    @BeforeEach
    void aLibraryAndItsHash() throws Exception {
        cache = temporary.resolve("cache");
        hash = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(CONTENT));
        Path original = Files.write(temporary.resolve("libgatun.so"), CONTENT);
        library = original.toUri().toURL();
        hashFile = Files.writeString(temporary.resolve("hash"), hash + "  libgatun.so\n")
                .toUri()
                .toURL();
    }

    @Test
    void unpacksForTheOwnerAlone() throws IOException {
        Path file = unpack();

        assertThat(file).isEqualTo(cache.resolve(hash).resolve("libgatun.so")).hasBinaryContent(CONTENT);
        for (Path path : new Path[] {cache, file.getParent(), file}) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                    .as("permissions of %s", path)
                    .isEqualTo("rwx------");
        }
        assertOnlyOneFolder();
    }

    @Test
    void whatIsThereIsTakenAndNeverWrittenAgain() throws IOException {
        Object first = Files.getAttribute(unpack(), "unix:ino");
        Files.delete(temporary.resolve("hash"));
        Files.writeString(temporary.resolve("hash"), hash);
        // Same size, other bytes: a second unpacking would put the old ones back.
        byte[] other = "not really a LIBRARY".getBytes(StandardCharsets.UTF_8);
        Files.write(cache.resolve(hash).resolve("libgatun.so"), other);

        Path again = unpack();

        assertThat(again).hasBinaryContent(other);
        assertThat(Files.getAttribute(again, "unix:ino")).isEqualTo(first);
    }

    @Test
    void manyAtOnceFindOneWholeLibrary() throws Exception {
        int threads = 16;
        var start = new CyclicBarrier(threads);
        var results = new ArrayList<Future<Path>>();
        try (var executor = Executors.newFixedThreadPool(threads)) {
            for (int i = 0; i < threads; i++) {
                results.add(executor.submit(() -> {
                    start.await();
                    return unpack();
                }));
            }
        }

        for (Future<Path> result : results) {
            assertThat(result.get()).hasBinaryContent(CONTENT);
        }
        assertOnlyOneFolder();
    }

    @Test
    void aDamagedJarLeavesNothingBehind() throws IOException {
        Files.writeString(temporary.resolve("libgatun.so"), "something else");

        assertThatExceptionOfType(NativeLibraryException.class)
                .isThrownBy(this::unpack)
                .withMessageContaining("damaged")
                .withMessageContaining("expected " + hash);
        assertThat(cache).isEmptyDirectory();
    }

    @Test
    void aHashThatIsNoneIsRefused() throws IOException {
        Files.writeString(temporary.resolve("hash"), "../../../../etc");

        assertThatExceptionOfType(NativeLibraryException.class)
                .isThrownBy(this::unpack)
                .withMessageContaining("64 hexadecimal digits");
        assertThat(cache).doesNotExist();
    }

    @Test
    void aFileOfAnotherSizeIsRefused() throws IOException {
        Files.writeString(unpack(), "short");

        assertThatExceptionOfType(NativeLibraryException.class)
                .isThrownBy(this::unpack)
                .withMessageContaining("has 5 bytes, expected " + CONTENT.length)
                .withMessageContaining("delete " + cache.resolve(hash));
    }

    @Test
    void placesThatOthersCanWriteToAreRefused() throws IOException {
        Path file = unpack();
        for (Path path : new Path[] {cache, file.getParent(), file}) {
            var before = Files.getPosixFilePermissions(path);
            for (String open : new String[] {"rwx----w-", "rwx-w----"}) {
                Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(open));
                assertThatExceptionOfType(NativeLibraryException.class)
                        .isThrownBy(this::unpack)
                        .withMessageContaining(path + ", which others can write to (" + open + ")")
                        .withMessageContaining("GATUN_CACHE");
            }
            Files.setPosixFilePermissions(path, before);
        }
        assertThat(unpack()).isEqualTo(file);
    }

    @Test
    void filesOfSomebodyElseAreRefused() throws IOException {
        unpack();
        var ofSomebodyElse = new LibraryCache(cache, "somebody", LibrarySearch.LIBRARY);

        assertThatExceptionOfType(NativeLibraryException.class)
                .isThrownBy(() -> ofSomebodyElse.unpack(library, hashFile))
                .withMessageContaining(cache + ", which belongs to " + LibraryCache.currentUser())
                .withMessageContaining("not to somebody");
    }

    @Test
    void linksAreNotFollowed() throws IOException {
        Path file = unpack();
        Path elsewhere = Files.move(file, temporary.resolve("elsewhere.so"));
        Files.createSymbolicLink(file, elsewhere);

        assertThatExceptionOfType(NativeLibraryException.class)
                .isThrownBy(this::unpack)
                .withMessageContaining(file + ", which is a link");
    }

    @Test
    void aFolderThatCannotBeMadeIsExplained() throws IOException {
        Path notAFolder = Files.createFile(temporary.resolve("file"));
        var unwritable =
                new LibraryCache(notAFolder.resolve("cache"), LibraryCache.currentUser(), LibrarySearch.LIBRARY);

        assertThatExceptionOfType(NativeLibraryException.class)
                .isThrownBy(() -> unwritable.unpack(library, hashFile))
                .withMessageContaining("cannot be unpacked into " + notAFolder.resolve("cache"))
                .withMessageContaining("GATUN_CACHE")
                .withMessageContaining("-Dgatun.library.path=");
    }

    @Test
    void theFolderFollowsTheEnvironment() {
        Map<String, String> environment = new HashMap<>();
        Map<String, String> properties = new HashMap<>(Map.of("user.home", "/home/someone"));

        assertThat(LibraryCache.folder(properties::get, environment::get)).hasToString("/home/someone/.cache/gatun");
        environment.put("XDG_CACHE_HOME", "/xdg");
        assertThat(LibraryCache.folder(properties::get, environment::get)).hasToString("/xdg/gatun");
        environment.put("GATUN_CACHE", "/own");
        assertThat(LibraryCache.folder(properties::get, environment::get)).hasToString("/own");
        environment.clear();
        properties.put("user.home", "?");
        assertThatExceptionOfType(NativeLibraryException.class)
                .isThrownBy(() -> LibraryCache.folder(properties::get, environment::get))
                .withMessageContaining("GATUN_CACHE");
    }

    private Path unpack() throws IOException {
        return new LibraryCache(cache, LibraryCache.currentUser(), LibrarySearch.LIBRARY).unpack(library, hashFile);
    }

    private void assertOnlyOneFolder() throws IOException {
        try (var entries = Files.list(cache)) {
            assertThat(entries).containsExactly(cache.resolve(hash));
        }
    }
}
