package dev.gatun.foreign;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/**
 * Memory of a CUDA device that stands for this process's: what recorded calls touch has a place there, where passes run. One
 * thread's.
 */
public final class CudaMemory {
    private final CudaLibrary library;
    private final MemorySegment handle;
    private final Arena arena;

    /**
     * No memory yet.
     *
     * @param arena whose end gives it back, with its passes
     */
    public CudaMemory(CudaDevice device, Arena arena) {
        this.arena = arena;
        library = device.library();
        handle = library.memory(device.handle(), arena);
    }

    /**
     * Memory over other memory: what that one holds has its place there, and all else its own.
     *
     * @param under which stays until this is given back, too
     * @param arena whose end gives it back, with its passes
     */
    public CudaMemory(CudaMemory under, Arena arena) {
        this.arena = arena;
        library = under.library;
        handle = library.memoryOver(under.handle, arena);
    }

    /** Gives some memory a place, with what is in it now; what has one keeps the contents that it has there. */
    public void hold(MemorySegment values) {
        library.hold(handle, values);
    }

    /**
     * Runs calls once, without keeping them; does not wait for their end.
     *
     * @param calls of {@link OptimizerCalls}, on what has a place
     * @throws NativeException if there are others, or something has no place
     */
    public void run(Consumer<Context> calls) {
        Context recorder = Context.recorder();
        try {
            calls.accept(recorder);
            library.run(handle, recorder);
        } finally {
            recorder.close();
        }
    }

    /**
     * Writes calls down, to be run on the device. What they touch is copied there as it is now, unless it has a place already.
     *
     * @param products how affine operations are computed
     * @param calls all that computes in the context that it is given; what it touches lives as long as this
     * @throws UnsupportedOperationException if what is called computes in Java
     * @throws NativeException if there is a call that devices do not run, or no memory left on this one
     */
    public CudaPass record(ProductWay products, Consumer<Context> calls) {
        Context recorder = Context.recorder();
        try {
            calls.accept(recorder);
            return new CudaPass(library, library.pass(handle, recorder, products, arena));
        } finally {
            recorder.close();
        }
    }

    /** Copies to the device what passes touch of some memory. */
    public void upload(MemorySegment from) {
        library.upload(handle, from);
    }

    /** Copies from the device, after all passes that were run before, memory that passes touch. */
    public void download(MemorySegment to) {
        library.download(handle, to);
    }
}
