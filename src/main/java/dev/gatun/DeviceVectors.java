package dev.gatun;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.CudaMemory;
import dev.gatun.foreign.OptimizerCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Consumer;

/**
 * The vectors of a run of training where a device keeps them from step to step: parameters and gradient of a {@link TrainingPass},
 * and whatever else is held. What is computed has the bits of the processor. On the pass's thread.
 */
public final class DeviceVectors implements AutoCloseable {
    private final Arena arena = Arena.ofConfined();
    private final CudaMemory memory;
    private final MemorySegment sum = arena.allocate(ValueLayout.JAVA_DOUBLE);
    private final Runnable end;

    /** @param end what is to be done when they are given back */
    DeviceVectors(CudaMemory under, Runnable end) {
        this.end = end;
        memory = new CudaMemory(under, arena);
        memory.hold(sum);
    }

    /** Gives a vector a place and brings what is in it now. It stays as long as this. */
    public void hold(MemorySegment vector) {
        memory.hold(vector);
        bring(vector);
    }

    /** Brings a vector that has a place. */
    public void bring(MemorySegment vector) {
        memory.upload(vector);
    }

    /** Fetches a vector, as it is after all that was called before. */
    public void fetch(MemorySegment vector) {
        memory.download(vector);
    }

    /**
     * Makes calls there; does not wait for their end.
     *
     * @param calls of {@link OptimizerCalls}, in the context that they are given, on vectors that have a place
     */
    public void compute(Consumer<Context> calls) {
        memory.run(calls);
    }

    /** The sum of a vector's squares. */
    public double sumOfSquares(MemorySegment vector) {
        compute(recorder -> OptimizerCalls.sumOfSquares(recorder, vector, sum));
        fetch(sum);
        return sum.get(ValueLayout.JAVA_DOUBLE, 0);
    }

    /** Gives the memory back; a second time does nothing. The pass then works with this machine's vectors again. */
    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
            end.run();
        }
    }
}
