package dev.gatun.foreign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LibrarySearchTest {
    private static final Platform PLATFORM = Platform.of("Linux", "amd64");

    @TempDir
    Path folder;

    private final Map<String, String> properties = new HashMap<>();
    private final Map<String, String> environment = new HashMap<>();
    private final Map<String, URL> resources = new HashMap<>();

    private Path named;
    private Path fromEnvironment;
    private Path installed;
    private Path bundled;

    @BeforeEach
    void fourLibraries() throws IOException {
        named = library("named");
        fromEnvironment = library("environment");
        installed = library("installed");
        bundled = library("bundled");
        properties.put("gatun.library.path", named.toString());
        environment.put("GATUN_LIBRARY_PATH", fromEnvironment.getParent().toString());
        properties.put("java.library.path", folder.resolve("none") + "::" + installed.getParent());
        resources.put(PLATFORM.resource("libgatun.so"), url(bundled));
    }

    @Test
    void looksInTheOrderThatIsPromised() {
        assertThat(search()).isEqualTo(named);
        properties.remove("gatun.library.path");
        assertThat(search()).isEqualTo(fromEnvironment);
        environment.clear();
        assertThat(search()).isEqualTo(installed);
        properties.remove("java.library.path");
        assertThat(search()).isEqualTo(bundled);
    }

    @Test
    void aPathThatNamesNothingIsAnErrorAndNotPassedOver() {
        properties.put("gatun.library.path", folder.resolve("nowhere.so").toString());

        assertThatExceptionOfType(NativeLibraryException.class)
                .isThrownBy(this::search)
                .withMessageContaining("property gatun.library.path names " + folder.resolve("nowhere.so"))
                .withMessageContaining("libgatun.so");
    }

    @Test
    void aFolderWithoutTheLibraryIsNamed() throws IOException {
        properties.remove("gatun.library.path");
        Files.delete(fromEnvironment);

        assertThatExceptionOfType(NativeLibraryException.class)
                .isThrownBy(this::search)
                .withMessageContaining("environment variable GATUN_LIBRARY_PATH")
                .withMessageContaining("no file " + fromEnvironment);
    }

    @Test
    void aPlatformWithoutLibraryIsNamed() {
        var search = new LibrarySearch(name -> null, name -> null, resources::get, Platform.of("Linux", "riscv64"));

        assertThatExceptionOfType(NativeLibraryException.class)
                .isThrownBy(search::find)
                .withMessageContaining("no native library for linux-riscv64")
                .withMessageContaining("-Dgatun.library.path=");
    }

    @Test
    void platformsHaveOneName() {
        assertThat(Platform.of("Linux", "amd64")).hasToString("linux-x86_64");
        assertThat(Platform.of("Linux", "aarch64")).hasToString("linux-aarch64");
        assertThat(Platform.of("Mac OS X", "arm64")).hasToString("darwin-aarch64");
        assertThat(Platform.of("Windows 11", "amd64")).hasToString("windows-x86_64");
    }

    private Path search() {
        return new LibrarySearch(properties::get, environment::get, resources::get, PLATFORM).find();
    }

    private Path library(String name) throws IOException {
        return Files.createFile(Files.createDirectory(folder.resolve(name)).resolve("libgatun.so"));
    }

    private static URL url(Path path) throws MalformedURLException {
        return path.toUri().toURL();
    }
}
