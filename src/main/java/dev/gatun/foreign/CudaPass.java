package dev.gatun.foreign;

import java.lang.foreign.MemorySegment;

/** Calls on a CUDA device, in the memory that they were recorded in, and as long as that. */
public final class CudaPass {
    private final CudaLibrary library;
    private final MemorySegment handle;

    CudaPass(CudaLibrary library, MemorySegment handle) {
        this.library = library;
        this.handle = handle;
    }

    /** Runs them, one behind the other; does not wait for their end. */
    public void run() {
        library.run(handle);
    }
}
