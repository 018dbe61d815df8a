package dev.gatun.bench;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.Isa;
import dev.gatun.foreign.NativeLibraryException;
import dev.gatun.foreign.ProductWay;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** oneDNN by itself, through libgatun_dnnl.so: a dense convolution or product in the layouts that it likes best. */
final class Onednn implements AutoCloseable {
    private static final int TEXT_BYTES = 256;

    /** What is computed, by gatun_products.h's numbers. */
    enum Kind {
        FORWARD(0),
        BACKWARD_DATA(1),
        BACKWARD_WEIGHTS(2);

        private final int code;

        Kind(int code) {
            this.code = code;
        }
    }

    private final MethodHandle run;
    private final MemorySegment yardstick;
    private final String kernel;
    private final Arena arena = Arena.ofConfined();

    /**
     * The dense kernel that covers a shape's taps.
     *
     * @throws NativeLibraryException if the library is not there
     */
    Onednn(AffineShape shape, Kind kind, int threads) {
        loadLibrary();
        run = handle("run", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS));
        MethodHandle create = handle(
                "create",
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT,
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_INT));
        MethodHandle destroy = handle("destroy", FunctionDescriptor.ofVoid(ValueLayout.ADDRESS));
        MemorySegment pointer = arena.allocate(ValueLayout.ADDRESS);
        MemorySegment text = arena.allocate(TEXT_BYTES);
        try {
            MemorySegment sizes = arena.allocateFrom(ValueLayout.JAVA_INT, sizes(shape, kind, threads));
            if ((int) create.invokeExact(sizes, pointer, text, TEXT_BYTES) != 0) {
                throw new IllegalStateException("oneDNN: " + text.getString(0));
            }
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("a native entry throws nothing", e);
        }
        kernel = text.getString(0);
        yardstick = ending(pointer.get(ValueLayout.ADDRESS, 0), destroy);
    }

    @SuppressWarnings("restricted")
    private MemorySegment ending(MemorySegment made, MethodHandle destroy) {
        return made.reinterpret(arena, handle -> {
            try {
                destroy.invokeExact(handle);
            } catch (Throwable e) {
                throw new AssertionError("a native entry throws nothing", e);
            }
        });
    }

    /** Whether a build with oneDNN is here. */
    static boolean isThere() {
        try {
            loadLibrary();
            return true;
        } catch (NativeLibraryException e) {
            return false;
        }
    }

    private static void loadLibrary() {
        Context.of(Isa.BEST, 1, ProductWay.FASTEST).close();
    }

    @SuppressWarnings("restricted")
    private static MethodHandle handle(String name, FunctionDescriptor descriptor) {
        MemorySegment entry = SymbolLookup.loaderLookup().findOrThrow("gatun_dnnl_yardstick_" + name);
        return Linker.nativeLinker().downcallHandle(entry, descriptor);
    }

    /** gatun_dnnl_shape: the box around the taps. */
    private static int[] sizes(AffineShape shape, Kind kind, int threads) {
        Line down = Line.of(shape.rows());
        Line across = Line.of(shape.columns());
        return new int[] {
            kind.code,
            threads,
            shape.n(),
            shape.h(),
            shape.t(),
            shape.in(),
            shape.out(),
            down.places(),
            across.places(),
            down.step(),
            across.step(),
            -down.first(),
            down.last(),
            -across.first(),
            across.last()
        };
    }

    void run() {
        int status;
        try {
            status = (int) run.invokeExact(yardstick);
        } catch (Throwable e) {
            throw new AssertionError("a native entry throws nothing", e);
        }
        if (status != 0) {
            throw new IllegalStateException("oneDNN failed");
        }
    }

    /** Which of oneDNN's implementations it is. */
    String kernel() {
        return kernel;
    }

    @Override
    public void close() {
        arena.close();
    }
}
