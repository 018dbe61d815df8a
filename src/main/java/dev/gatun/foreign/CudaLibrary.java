package dev.gatun.foreign;

import dev.gatun.bindings.gatun_h;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * libgatun_cuda.so, loaded when a CUDA device is first asked for, and looked for as {@link NativeLibrary} is: the file that the
 * property {@value #PROPERTY} or the environment variable {@value #VARIABLE} names, the folders of {@code java.library.path}, the
 * copy beside these classes, which a build has where nvcc was.
 */
final class CudaLibrary {
    static final String PROPERTY = "gatun.cuda.library.path";
    static final String VARIABLE = "GATUN_CUDA_LIBRARY_PATH";

    private static final System.Logger LOG = System.getLogger("dev.gatun");
    private static final LibrarySearch.Names NAMES = new LibrarySearch.Names(
            "libgatun_cuda.so", PROPERTY, VARIABLE, "build it where CUDA's nvcc is (mvn package)");
    /** GATUN_CUDA_ABI_VERSION of gatun_cuda.h. */
    private static final int ABI_VERSION = 7;

    private static final int TEXT_BYTES = 1024;

    /** By their files. It guards itself. */
    private static final Map<Path, CudaLibrary> LOADED = new HashMap<>();

    private final MethodHandle open;
    private final MethodHandle close;
    private final MethodHandle describe;
    private final CudaSteps sequences;
    private final CudaStreams streams;
    private final CudaSteps grids;
    private final MethodHandle createMemory;
    private final MethodHandle createMemoryOver;
    private final MethodHandle destroyMemory;
    private final MethodHandle hold;
    private final MethodHandle runCalls;
    private final MethodHandle upload;
    private final MethodHandle download;
    private final MethodHandle createPass;
    private final MethodHandle destroyPass;
    private final MethodHandle runPass;

    /** What an entry takes besides a text and its capacity. */
    interface Call {
        int make(MemorySegment text, int capacity) throws Throwable;
    }

    private CudaLibrary(SymbolLookup symbols) {
        MemoryLayout pointer = ValueLayout.ADDRESS;
        MemoryLayout whole = ValueLayout.JAVA_INT;
        MemoryLayout longer = ValueLayout.JAVA_LONG;
        open = handle(symbols, "open", FunctionDescriptor.of(ValueLayout.JAVA_INT, whole, pointer, pointer, whole));
        close = handle(symbols, "close", FunctionDescriptor.ofVoid(pointer));
        describe = handle(symbols, "describe", FunctionDescriptor.ofVoid(pointer, pointer, whole));
        sequences = new CudaSteps(symbols, "program", "", "step");
        streams = new CudaStreams(symbols);
        grids = new CudaSteps(symbols, "grid", "grid_", "run");
        FunctionDescriptor copy = FunctionDescriptor.of(ValueLayout.JAVA_INT, pointer, pointer, longer, pointer, whole);
        createMemory = handle(
                symbols,
                "memory_create",
                FunctionDescriptor.of(ValueLayout.JAVA_INT, pointer, pointer, pointer, whole));
        createMemoryOver = handle(
                symbols, "memory_over", FunctionDescriptor.of(ValueLayout.JAVA_INT, pointer, pointer, pointer, whole));
        destroyMemory = handle(symbols, "memory_destroy", FunctionDescriptor.ofVoid(pointer));
        hold = handle(symbols, "hold", copy);
        runCalls = handle(
                symbols, "run", FunctionDescriptor.of(ValueLayout.JAVA_INT, pointer, pointer, whole, pointer, whole));
        upload = handle(symbols, "upload", copy);
        download = handle(symbols, "download", copy);
        createPass = handle(
                symbols,
                "pass_create",
                FunctionDescriptor.of(ValueLayout.JAVA_INT, pointer, pointer, whole, whole, pointer, pointer, whole));
        destroyPass = handle(symbols, "pass_destroy", FunctionDescriptor.ofVoid(pointer));
        runPass = handle(
                symbols, "pass_run", FunctionDescriptor.of(ValueLayout.JAVA_INT, pointer, pointer, pointer, whole));
    }

    @SuppressWarnings("restricted")
    static MethodHandle handle(SymbolLookup symbols, String name, FunctionDescriptor descriptor) {
        return Linker.nativeLinker().downcallHandle(symbols.findOrThrow("gatun_cuda_" + name), descriptor);
    }

    /**
     * The library, loaded where that has not happened yet.
     *
     * @throws NativeLibraryException with what to do when it is missing, cannot be loaded or is of another version
     */
    static CudaLibrary load() {
        synchronized (LOADED) {
            return LOADED.computeIfAbsent(LibrarySearch.ofProcess(NAMES).find(), library -> {
                CudaLibrary loaded = new CudaLibrary(symbols(library));
                LOG.log(System.Logger.Level.DEBUG, "CUDA library loaded from {0}", library);
                return loaded;
            });
        }
    }

    @SuppressWarnings("restricted")
    private static SymbolLookup symbols(Path library) {
        SymbolLookup symbols;
        try {
            String problem = ElfHeader.problem(library, Platform.current());
            if (problem != null) {
                throw new NativeLibraryException("The CUDA library " + library + " cannot be loaded: " + problem);
            }
            symbols = SymbolLookup.libraryLookup(library, Arena.global());
        } catch (IOException e) {
            throw new NativeLibraryException("The CUDA library " + library + " cannot be read: " + e, e);
        } catch (IllegalArgumentException e) {
            throw new NativeLibraryException("The CUDA library " + library + " cannot be loaded: " + e.getMessage(), e);
        }
        int found = symbols.find("gatun_cuda_abi_version")
                .map(address -> version(address))
                .orElseThrow(() -> new NativeLibraryException(
                        library + " is not Gatun's CUDA library: it has no gatun_cuda_abi_version"));
        if (found != ABI_VERSION) {
            throw new NativeLibraryException("The CUDA library " + library + " has ABI version " + found
                    + ", these classes expect " + ABI_VERSION + ": use the library that was built with them");
        }
        return symbols;
    }

    @SuppressWarnings("restricted")
    private static int version(MemorySegment address) {
        try {
            return (int) Linker.nativeLinker()
                    .downcallHandle(address, FunctionDescriptor.of(ValueLayout.JAVA_INT))
                    .invokeExact();
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** Opens a device, which the arena gives back. */
    MemorySegment open(int number, Arena arena) {
        return made(
                arena, close, pointer -> (text, capacity) -> (int) open.invokeExact(number, pointer, text, capacity));
    }

    /** A device's name, memory and driver. */
    String describe(MemorySegment device) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocate(TEXT_BYTES);
            describe.invokeExact(device, text, TEXT_BYTES);
            return text.getString(0);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** Step programs of sequences. */
    CudaSteps sequences() {
        return sequences;
    }

    /** Streams of sequences that go their own ways. */
    CudaStreams streams() {
        return streams;
    }

    /** Step programs of grids. */
    CudaSteps grids() {
        return grids;
    }

    /** Memory of a device, which the arena gives back. */
    MemorySegment memory(MemorySegment device, Arena arena) {
        return made(
                arena,
                destroyMemory,
                pointer -> (text, capacity) -> (int) createMemory.invokeExact(device, pointer, text, capacity));
    }

    /** Memory over other memory, which the arena gives back. */
    MemorySegment memoryOver(MemorySegment under, Arena arena) {
        return made(
                arena,
                destroyMemory,
                pointer -> (text, capacity) -> (int) createMemoryOver.invokeExact(under, pointer, text, capacity));
    }

    /** Gives some memory a place. */
    void hold(MemorySegment memory, MemorySegment from) {
        check((text, capacity) -> (int) hold.invokeExact(memory, from, from.byteSize(), text, capacity));
    }

    /** What a recorder wrote down. */
    private record Calls(MemorySegment first, int count) {
        static Calls of(Context recorder) {
            try (Arena own = Arena.ofConfined()) {
                MemorySegment first = own.allocate(ValueLayout.ADDRESS);
                int count = gatun_h.gatun_record_calls(recorder.handle(), first);
                return new Calls(first.get(ValueLayout.ADDRESS, 0), count);
            }
        }
    }

    /** What a recorder wrote down, on a device, which the arena gives back. */
    MemorySegment pass(MemorySegment memory, Context recorder, ProductWay products, Arena arena) {
        Calls calls = Calls.of(recorder);
        return made(
                arena,
                destroyPass,
                pointer -> (text, capacity) -> (int) createPass.invokeExact(
                        memory, calls.first, calls.count, products.deviceCode(), pointer, text, capacity));
    }

    /** Runs what a recorder wrote down, once. */
    void run(MemorySegment memory, Context recorder) {
        Calls calls = Calls.of(recorder);
        check((text, capacity) -> (int) runCalls.invokeExact(memory, calls.first, calls.count, text, capacity));
    }

    /** Runs a pass. */
    void run(MemorySegment pass) {
        check((text, capacity) -> (int) runPass.invokeExact(pass, MemorySegment.NULL, text, capacity));
    }

    /** Copies to a device. */
    void upload(MemorySegment memory, MemorySegment from) {
        check((text, capacity) -> (int) upload.invokeExact(memory, from, from.byteSize(), text, capacity));
    }

    /** Copies from a device. */
    void download(MemorySegment memory, MemorySegment to) {
        check((text, capacity) -> (int) download.invokeExact(memory, to, to.byteSize(), text, capacity));
    }

    /** A call that leaves a pointer where it is told to. */
    interface Making {
        Call into(MemorySegment pointer);
    }

    @SuppressWarnings("restricted")
    static MemorySegment made(Arena arena, MethodHandle end, Making making) {
        try (Arena own = Arena.ofConfined()) {
            MemorySegment pointer = own.allocate(ValueLayout.ADDRESS);
            check(making.into(pointer));
            return pointer.get(ValueLayout.ADDRESS, 0).reinterpret(arena, handle -> end(end, handle));
        }
    }

    private static void end(MethodHandle end, MemorySegment handle) {
        try {
            end.invokeExact(handle);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    static void check(Call call) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocate(TEXT_BYTES);
            if (call.make(text, TEXT_BYTES) != 0) {
                throw new NativeException(text.getString(0));
            }
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    private static AssertionError unexpected(Throwable e) {
        return new AssertionError("a native entry throws nothing", e);
    }
}
