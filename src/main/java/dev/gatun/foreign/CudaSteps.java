package dev.gatun.foreign;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** The entries of libgatun_cuda.so for step programs of one kind: programs on a device, streams of a program, their steps. */
final class CudaSteps {
    private final MethodHandle create;
    private final MethodHandle destroy;
    private final MethodHandle createStreams;
    private final MethodHandle destroyStreams;
    private final MethodHandle reset;
    private final MethodHandle run;

    /** Those of these names. */
    CudaSteps(
            SymbolLookup symbols,
            String create,
            String destroy,
            String createStreams,
            String destroyStreams,
            String reset,
            String run) {
        MemoryLayout pointer = ValueLayout.ADDRESS;
        MemoryLayout whole = ValueLayout.JAVA_INT;
        FunctionDescriptor end = FunctionDescriptor.ofVoid(pointer);
        this.create = CudaLibrary.handle(
                symbols,
                create,
                FunctionDescriptor.of(ValueLayout.JAVA_INT, pointer, pointer, pointer, pointer, whole));
        this.destroy = CudaLibrary.handle(symbols, destroy, end);
        this.createStreams = CudaLibrary.handle(
                symbols,
                createStreams,
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT, pointer, ValueLayout.JAVA_LONG, pointer, pointer, pointer, whole));
        this.destroyStreams = CudaLibrary.handle(symbols, destroyStreams, end);
        this.reset = CudaLibrary.handle(
                symbols, reset, FunctionDescriptor.of(ValueLayout.JAVA_INT, pointer, pointer, whole));
        this.run = CudaLibrary.handle(
                symbols, run, FunctionDescriptor.of(ValueLayout.JAVA_INT, pointer, pointer, pointer, pointer, whole));
    }

    /** A program on a device, which the arena gives back. */
    MemorySegment program(MemorySegment device, MemorySegment program, Arena arena) {
        return CudaLibrary.made(
                arena,
                destroy,
                pointer -> (text, capacity) -> (int) create.invokeExact(device, program, pointer, text, capacity));
    }

    /** Streams of a program, which the arena gives back. */
    MemorySegment streams(MemorySegment program, long count, Arena arena) {
        return CudaLibrary.made(
                arena,
                destroyStreams,
                pointer -> (text, capacity) ->
                        (int) createStreams.invokeExact(program, count, MemorySegment.NULL, pointer, text, capacity));
    }

    /** All streams back to position 0. */
    void reset(MemorySegment streams) {
        CudaLibrary.check((text, capacity) -> (int) reset.invokeExact(streams, text, capacity));
    }

    /** Runs steps: a gatun_step_run or a gatun_grid_run. */
    void run(MemorySegment streams, MemorySegment steps) {
        CudaLibrary.check(
                (text, capacity) -> (int) run.invokeExact(streams, steps, MemorySegment.NULL, text, capacity));
    }
}
