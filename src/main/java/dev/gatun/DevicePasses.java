package dev.gatun;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.CudaDevice;
import dev.gatun.foreign.CudaMemory;
import dev.gatun.foreign.CudaPass;
import dev.gatun.foreign.NativeMap;
import dev.gatun.foreign.ProductWay;
import dev.gatun.graph.Pass;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Passes on a CUDA device: what is called for the first time under a key is written down, and from then on run there. One
 * thread's.
 */
final class DevicePasses {
    private final CudaMemory memory;
    private final Map<Object, CudaPass> recorded = new HashMap<>();
    private long preparing;

    /** @param arena whose end gives the device's memory back, and that of no later end than what is called touches */
    DevicePasses(CudaDevice device, Arena arena) {
        memory = new CudaMemory(device, arena);
    }

    /** The passes of a device, or null where there is none. */
    static @Nullable DevicePasses of(@Nullable CudaDevice device, Arena arena) {
        return device == null ? null : new DevicePasses(device, arena);
    }

    /**
     * Passes in memory over other memory.
     *
     * @param arena as there
     */
    DevicePasses(CudaMemory under, Arena arena) {
        memory = new CudaMemory(under, arena);
    }

    /**
     * Makes calls ready to be run; what they touch then has a place on the device, to which memory can be brought.
     *
     * @param key tells calls apart: what they are, and all that changes in them
     * @param calls the same at each use of the key
     */
    void prepare(Object key, Consumer<Context> calls) {
        prepare(key, ProductWay.OWN, calls);
    }

    /** As {@link #prepare(Object, Consumer)}, with affine operations in some way, which the key tells apart, too. */
    void prepare(Object key, ProductWay products, Consumer<Context> calls) {
        if (!recorded.containsKey(key)) {
            long begin = System.nanoTime();
            recorded.put(key, memory.record(products, calls));
            preparing += System.nanoTime() - begin;
        }
    }

    /** How long calls have been made ready so far, in nanoseconds. */
    long preparing() {
        return preparing;
    }

    /** Gives memory a place, with what is in it now, that no calls have touched yet. */
    void hold(MemorySegment values) {
        memory.hold(values);
    }

    /** Runs calls that are ready. */
    void run(Object key) {
        Objects.requireNonNull(recorded.get(key)).run();
    }

    /** Brings what callers filled in. */
    void bringInputs(Pass pass) {
        pass.eachInput(memory::upload);
    }

    /** Brings some memory. */
    void bring(MemorySegment from) {
        memory.upload(from);
    }

    /** Fetches some memory. */
    void fetch(MemorySegment to) {
        memory.download(to);
    }

    /** Fetches the examples of a map. */
    void fetch(NativeMap map) {
        memory.download(map.memoryInUse());
    }
}
