package dev.gatun.foreign;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A CUDA device, as long as the arena that it was opened in. Shared by threads as that is. */
public final class CudaDevice {
    private final CudaLibrary library;
    private final MemorySegment handle;

    /**
     * Opens a device.
     *
     * @param number from 0 on
     * @throws NativeLibraryException if this build has no CUDA library, or it cannot be loaded
     * @throws NativeException if there is no driver, one that is too old, or no device of that number
     */
    public CudaDevice(int number, Arena arena) {
        library = CudaLibrary.load();
        handle = library.open(number, arena);
    }

    /** Its name, compute capability, memory and driver: one line. */
    public String describe() {
        return library.describe(handle);
    }

    CudaLibrary library() {
        return library;
    }

    MemorySegment handle() {
        return handle;
    }
}
