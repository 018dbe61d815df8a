package dev.gatun.foreign;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Finds the file to load, or makes it from the copy in the jar. */
final class LibrarySearch {
    static final String PROPERTY = "gatun.library.path";
    static final String VARIABLE = "GATUN_LIBRARY_PATH";

    private static final String FILE = "libgatun.so";

    private final Function<String, @Nullable String> properties;
    private final Function<String, @Nullable String> environment;
    private final Function<String, @Nullable URL> resources;
    private final Platform platform;

    LibrarySearch(
            Function<String, @Nullable String> properties,
            Function<String, @Nullable String> environment,
            Function<String, @Nullable URL> resources,
            Platform platform) {
        this.properties = properties;
        this.environment = environment;
        this.resources = resources;
        this.platform = platform;
    }

    static LibrarySearch ofProcess() {
        return new LibrarySearch(
                System::getProperty,
                System::getenv,
                name -> LibrarySearch.class.getResource("/" + name),
                Platform.current());
    }

    Path find() {
        Path named = named();
        if (named != null) {
            return named;
        }
        Path installed = onLibraryPath();
        return installed != null ? installed : bundled();
    }

    private @Nullable Path named() {
        String source = "property " + PROPERTY;
        String value = properties.apply(PROPERTY);
        if (isBlank(value)) {
            source = "environment variable " + VARIABLE;
            value = environment.apply(VARIABLE);
        }
        if (value == null || value.isBlank()) {
            return null;
        }
        Path path = Path.of(value).toAbsolutePath();
        Path file = Files.isDirectory(path) ? path.resolve(FILE) : path;
        if (!Files.isRegularFile(file)) {
            throw new NativeLibraryException("The " + source + " names " + value + ", but there is no file " + file
                    + ": name " + FILE + " or the folder that holds it");
        }
        return file;
    }

    private @Nullable Path onLibraryPath() {
        String folders = properties.apply("java.library.path");
        if (folders == null) {
            return null;
        }
        for (String folder : folders.split(File.pathSeparator)) {
            // An empty entry would mean the working folder, which is no place to take code from.
            Path file = Path.of(folder, FILE);
            if (!folder.isBlank() && Files.isRegularFile(file)) {
                return file.toAbsolutePath();
            }
        }
        return null;
    }

    private Path bundled() {
        String resource = platform.resource();
        URL library = resources.apply(resource);
        if (library == null) {
            throw new NativeLibraryException("This build of Gatun has no native library for " + platform
                    + " (resource " + resource + "): build it on such a machine (mvn package), or name " + FILE
                    + " with -D" + PROPERTY + "=<path>");
        }
        try {
            if (library.getProtocol().equals("file")) {
                return Path.of(library.toURI());
            }
            URL hash = resources.apply(resource + ".sha256");
            if (hash == null) {
                throw new NativeLibraryException("The resource " + resource + ".sha256 is missing beside " + library
                        + ": build the jar again (mvn package)");
            }
            return new LibraryCache(LibraryCache.folder(properties, environment), LibraryCache.currentUser())
                    .unpack(library, hash);
        } catch (IOException | URISyntaxException e) {
            throw new NativeLibraryException("The native library " + library + " cannot be read: " + e, e);
        }
    }

    private static boolean isBlank(@Nullable String text) {
        return text == null || text.isBlank();
    }
}
