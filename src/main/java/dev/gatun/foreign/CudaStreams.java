package dev.gatun.foreign;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** The entries of libgatun_cuda.so for single streams of a program of sequences. */
final class CudaStreams {
    private final MethodHandle reset;
    private final MethodHandle delay;

    CudaStreams(SymbolLookup symbols) {
        reset = CudaLibrary.handle(
                symbols,
                "reset_stream",
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_INT));
        delay = CudaLibrary.handle(
                symbols,
                "delay_stream",
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_INT));
    }

    /** One of the streams back to its position 0. */
    void reset(MemorySegment streams, long stream) {
        CudaLibrary.check((text, capacity) -> (int) reset.invokeExact(streams, stream, text, capacity));
    }

    /** Has one that stood still for so many steps go on, if its start is later by as many. */
    void delay(MemorySegment streams, long stream, long steps) {
        CudaLibrary.check((text, capacity) -> (int) delay.invokeExact(streams, stream, steps, text, capacity));
    }
}
