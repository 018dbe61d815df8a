package dev.gatun.bench;

import dev.gatun.foreign.NativeAffine;
import dev.gatun.foreign.NativeDistribution;
import dev.gatun.foreign.NativeLibrary;
import dev.gatun.foreign.NativeMap;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;

/** The scalar definitions of gatun_definitions.h, a yardstick: what operations are, in plain loops of C++ on one thread. */
final class Definitions {
    private static final MethodHandle AFFINE = handle("affine", 3);
    private static final MethodHandle AFFINE_GRADIENT = handle("affine_gradient", 5);
    private static final MethodHandle DENSE = handle("dense", 5);
    private static final MethodHandle GATE = handle("gate", 2);
    private static final MethodHandle LOG_PROB = handle(
            "log_prob",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_INT,
                    ValueLayout.ADDRESS,
                    ValueLayout.ADDRESS,
                    ValueLayout.ADDRESS,
                    ValueLayout.ADDRESS,
                    ValueLayout.JAVA_LONG));

    private Definitions() {}

    private static MethodHandle handle(String name, int pointers) {
        ValueLayout[] arguments = new ValueLayout[pointers];
        Arrays.fill(arguments, ValueLayout.ADDRESS);
        return handle(name, FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments));
    }

    @SuppressWarnings("restricted")
    private static MethodHandle handle(String name, FunctionDescriptor descriptor) {
        NativeLibrary.load();
        MemorySegment entry = SymbolLookup.loaderLookup().findOrThrow("gatun_definition_" + name);
        return Linker.nativeLinker().downcallHandle(entry, descriptor);
    }

    /** A call of an entry, which returns a status. */
    private interface Call {
        int run() throws Throwable;
    }

    private static void check(Call call) {
        int status;
        try {
            status = call.run();
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("a native entry throws nothing", e);
        }
        if (status != 0) {
            throw new IllegalStateException("a definition failed with status " + status);
        }
    }

    static void affine(NativeAffine affine, NativeMap x, NativeMap y) {
        check(() -> (int) AFFINE.invokeExact(affine.struct(), x.struct(), y.struct()));
    }

    static void affineGradient(
            NativeAffine affine, NativeMap x, NativeMap dy, MemorySegment weights, MemorySegment bias) {
        check(() -> (int) AFFINE_GRADIENT.invokeExact(affine.struct(), x.struct(), dy.struct(), weights, bias));
    }

    /** A masked dense layer, by its struct and its parameters. */
    static void dense(MemorySegment dense, MemorySegment weights, MemorySegment bias, NativeMap x, NativeMap y) {
        check(() -> (int) DENSE.invokeExact(dense, weights, bias, x.struct(), y.struct()));
    }

    static void gate(NativeMap x, NativeMap y) {
        check(() -> (int) GATE.invokeExact(x.struct(), y.struct()));
    }

    static void logProb(
            NativeDistribution distribution,
            NativeMap outputs,
            NativeDistribution.Values values,
            MemorySegment logProb) {
        check(() -> (int) LOG_PROB.invokeExact(
                distribution.struct(), outputs.struct(), values.struct(), logProb, (long) values.positions()));
    }
}
