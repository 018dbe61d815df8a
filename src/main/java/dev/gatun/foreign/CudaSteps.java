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
    private final MethodHandle outputs;
    private final MethodHandle take;
    private final MethodHandle copy;

    /**
     * Those of these names, which all begin with {@code gatun_cuda_}.
     *
     * @param program what a program is called there
     * @param prefix of all that is about streams
     * @param run what behind it means to run steps
     */
    CudaSteps(SymbolLookup symbols, String program, String prefix, String run) {
        MemoryLayout pointer = ValueLayout.ADDRESS;
        ValueLayout.OfInt whole = ValueLayout.JAVA_INT;
        FunctionDescriptor end = FunctionDescriptor.ofVoid(pointer);
        MemoryLayout longer = ValueLayout.JAVA_LONG;
        FunctionDescriptor two = FunctionDescriptor.of(whole, pointer, pointer, pointer, whole);
        FunctionDescriptor three = FunctionDescriptor.of(whole, pointer, pointer, pointer, pointer, whole);
        create = CudaLibrary.handle(symbols, program + "_create", three);
        destroy = CudaLibrary.handle(symbols, program + "_destroy", end);
        createStreams = CudaLibrary.handle(
                symbols,
                prefix + "streams_create",
                FunctionDescriptor.of(whole, pointer, longer, pointer, pointer, pointer, whole));
        destroyStreams = CudaLibrary.handle(symbols, prefix + "streams_destroy", end);
        reset = CudaLibrary.handle(symbols, prefix + "reset", FunctionDescriptor.of(whole, pointer, pointer, whole));
        this.run = CudaLibrary.handle(symbols, prefix + run, three);
        outputs = CudaLibrary.handle(symbols, prefix + "outputs", three);
        take = CudaLibrary.handle(symbols, prefix + "take", two);
        copy = CudaLibrary.handle(symbols, prefix + "copy", two);
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

    /** The first half of a step, which says what the next position is drawn from. */
    void outputs(MemorySegment streams, MemorySegment step, MemorySegment into) {
        CudaLibrary.check((text, capacity) -> (int) outputs.invokeExact(streams, step, into, text, capacity));
    }

    /** The second half. */
    void take(MemorySegment streams, MemorySegment step) {
        CudaLibrary.check((text, capacity) -> (int) take.invokeExact(streams, step, text, capacity));
    }

    /** Has streams go on from where others of the same program are, as many. */
    void copy(MemorySegment streams, MemorySegment from) {
        CudaLibrary.check((text, capacity) -> (int) copy.invokeExact(streams, from, text, capacity));
    }
}
