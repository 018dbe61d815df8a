package dev.gatun.foreign;

import dev.gatun.bindings.gatun_h;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * libgatun_dnnl.so, products by oneDNN, loaded when training first asks for them, and looked for as {@link NativeLibrary} is: the
 * file that the property {@value #PROPERTY} or the environment variable {@value #VARIABLE} names, the folders of {@code
 * java.library.path}, the copy beside these classes, which a build has where oneDNN was.
 */
final class ProductLibrary {
    static final String PROPERTY = "gatun.dnnl.library.path";
    static final String VARIABLE = "GATUN_DNNL_LIBRARY_PATH";

    private static final System.Logger LOG = System.getLogger("dev.gatun");
    private static final LibrarySearch.Names NAMES = new LibrarySearch.Names(
            "libgatun_dnnl.so", PROPERTY, VARIABLE, "build it with oneDNN (mvn -Pdnnl package)");
    private static final int TEXT_BYTES = 1024;

    private static @Nullable ProductLibrary loaded;

    private final MemorySegment table;
    private final String version;

    private ProductLibrary(MemorySegment table, String version) {
        this.table = table;
        this.version = version;
    }

    /**
     * The library, loaded where that has not happened yet.
     *
     * @throws NativeLibraryException with what to do when it is missing, cannot be loaded or is not ours
     */
    static synchronized ProductLibrary load() {
        if (loaded == null) {
            Path file = LibrarySearch.ofProcess(NAMES).find();
            loaded = open(file);
            LOG.log(System.Logger.Level.DEBUG, "products by {0}, loaded from {1}", loaded.version, file);
        }
        return loaded;
    }

    // The system's text says which library is missing where oneDNN itself is.
    @SuppressWarnings("restricted")
    private static ProductLibrary open(Path library) {
        try {
            String problem = ElfHeader.problem(library, Platform.current());
            if (problem != null) {
                throw new NativeLibraryException(
                        "The library of products " + library + " cannot be loaded: " + problem);
            }
            System.load(library.toString());
        } catch (IOException e) {
            throw new NativeLibraryException("The library of products " + library + " cannot be read: " + e, e);
        } catch (UnsatisfiedLinkError e) {
            throw new NativeLibraryException(LinkErrors.explain(library, e), e);
        }
        MemorySegment entry = SymbolLookup.loaderLookup()
                .find("gatun_dnnl_products")
                .orElseThrow(() -> new NativeLibraryException(
                        library + " is not Gatun's library of products: it has no gatun_dnnl_products"));
        FunctionDescriptor call = FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_INT);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocate(TEXT_BYTES);
            MemorySegment table = (MemorySegment)
                    Linker.nativeLinker().downcallHandle(entry, call).invokeExact(text, TEXT_BYTES);
            return new ProductLibrary(table, text.getString(0));
        } catch (Throwable e) {
            throw new AssertionError("a native entry throws nothing", e);
        }
    }

    /** Lets it compute a context's products. */
    void use(MemorySegment context, ProductWay way) {
        int status = gatun_h.gatun_context_products(context, table, way.code());
        if (status != gatun_h.GATUN_OK()) {
            throw new NativeException("products by " + version + ": " + Context.text(context, status));
        }
    }

    /** oneDNN's name and version. */
    String version() {
        return version;
    }
}
