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

    /**
     * One of the libraries.
     *
     * @param file its name
     * @param property that names another file, or the folder that holds it
     * @param variable the environment's, as the property
     * @param builtBy what a build needs to have it
     */
    record Names(String file, String property, String variable, String builtBy) {}

    static final Names LIBRARY =
            new Names("libgatun.so", PROPERTY, VARIABLE, "build it on such a machine (mvn package)");

    private final Names names;
    private final Function<String, @Nullable String> properties;
    private final Function<String, @Nullable String> environment;
    private final Function<String, @Nullable URL> resources;
    private final Platform platform;

    LibrarySearch(
            Function<String, @Nullable String> properties,
            Function<String, @Nullable String> environment,
            Function<String, @Nullable URL> resources,
            Platform platform) {
        this(LIBRARY, properties, environment, resources, platform);
    }

    private LibrarySearch(
            Names names,
            Function<String, @Nullable String> properties,
            Function<String, @Nullable String> environment,
            Function<String, @Nullable URL> resources,
            Platform platform) {
        this.names = names;
        this.properties = properties;
        this.environment = environment;
        this.resources = resources;
        this.platform = platform;
    }

    static LibrarySearch ofProcess() {
        return ofProcess(LIBRARY);
    }

    static LibrarySearch ofProcess(Names names) {
        return new LibrarySearch(
                names,
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
        String source = "property " + names.property;
        String value = properties.apply(names.property);
        if (isBlank(value)) {
            source = "environment variable " + names.variable;
            value = environment.apply(names.variable);
        }
        if (value == null || value.isBlank()) {
            return null;
        }
        Path path = Path.of(value).toAbsolutePath();
        Path file = Files.isDirectory(path) ? path.resolve(names.file) : path;
        if (!Files.isRegularFile(file)) {
            throw new NativeLibraryException("The " + source + " names " + value + ", but there is no file " + file
                    + ": name " + names.file + " or the folder that holds it");
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
            Path file = Path.of(folder, names.file);
            if (!folder.isBlank() && Files.isRegularFile(file)) {
                return file.toAbsolutePath();
            }
        }
        return null;
    }

    private Path bundled() {
        String resource = platform.resource(names.file);
        URL library = resources.apply(resource);
        if (library == null) {
            throw new NativeLibraryException("This build of Gatun has no native library for " + platform
                    + " (resource " + resource + "): " + names.builtBy + ", or name the file with -D" + names.property
                    + "=<path>");
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
            return new LibraryCache(LibraryCache.folder(properties, environment), LibraryCache.currentUser(), names)
                    .unpack(library, hash);
        } catch (IOException | URISyntaxException e) {
            throw new NativeLibraryException("The native library " + library + " cannot be read: " + e, e);
        }
    }

    private static boolean isBlank(@Nullable String text) {
        return text == null || text.isBlank();
    }
}
