package dev.gatun.foreign;

import dev.gatun.bindings.gatun_h;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Loads libgatun.so once for the life of the process.
 *
 * <p>The library is looked for in this order: the path that the property {@value LibrarySearch#PROPERTY} or the
 * environment variable {@value LibrarySearch#VARIABLE} names, the folders of {@code java.library.path}, the copy beside
 * these classes. What is found first is taken; if it cannot be loaded, that is an error and nothing else is tried.
 */
public final class NativeLibrary {
    private static final System.Logger LOG = System.getLogger("dev.gatun");

    private static volatile @Nullable Path loaded;

    private NativeLibrary() {}

    /**
     * Loads the library where that has not happened yet. Safe from any thread; calling it again costs nothing.
     *
     * @throws NativeLibraryException with what to do when the library is missing, cannot be loaded or is of another
     *     version
     */
    public static void load() {
        location();
    }

    /** The file that the library was loaded from; loads it where that has not happened yet. */
    public static Path location() {
        Path path = loaded;
        return path != null ? path : loadOnce();
    }

    private static synchronized Path loadOnce() {
        Path path = loaded;
        if (path != null) {
            return path;
        }
        Path library = LibrarySearch.ofProcess().find();
        checkFile(library);
        link(library);
        checkVersion(library);
        LOG.log(Level.DEBUG, "native library loaded from {0}", library);
        loaded = library;
        return library;
    }

    private static void checkFile(Path library) {
        String problem;
        try {
            problem = ElfHeader.problem(library, Platform.current());
        } catch (IOException e) {
            throw new NativeLibraryException("The native library " + library + " cannot be read: " + e, e);
        }
        if (problem != null) {
            throw new NativeLibraryException("The native library " + library + " cannot be loaded: " + problem);
        }
    }

    // The caller of System.load matters: the bindings look symbols up through the class loader of this class.
    @SuppressWarnings("restricted")
    private static void link(Path library) {
        try {
            System.load(library.toString());
        } catch (UnsatisfiedLinkError e) {
            throw new NativeLibraryException(LinkErrors.explain(library, e), e);
        }
    }

    private static void checkVersion(Path library) {
        if (SymbolLookup.loaderLookup().find("gatun_abi_version").isEmpty()) {
            throw new NativeLibraryException(library + " is not Gatun's native library: it has no gatun_abi_version");
        }
        int found = gatun_h.gatun_abi_version();
        int expected = gatun_h.GATUN_ABI_VERSION();
        if (found != expected) {
            throw new NativeLibraryException("The native library " + library + " has ABI version " + found
                    + ", these classes expect " + expected + ": use the library that was built with them");
        }
    }
}
