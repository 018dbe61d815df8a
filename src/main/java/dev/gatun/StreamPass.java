package dev.gatun;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.CudaMemory;
import dev.gatun.graph.BoundGraph;
import dev.gatun.graph.PassKind;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Long sequences, side by side, window by window: the state at a window's beginning is that at the end of the one before,
 * and no gradient flows through it (truncated back-propagation through time, Williams and Peng 1990). The parameters and
 * the gradient are those of a {@link TrainingPass}, on whose thread it is used and which is closed after it. Where a device computes,
 * the state lies there, too.
 */
public final class StreamPass implements AutoCloseable {
    private final TrainingPass parameters;
    private final int streams;
    private final int window;
    private final double[] nats;
    private final Owner owner = new Owner("stream pass");
    private final Arena arena = Arena.ofConfined();
    /** The device's memory with the state, or null where this machine's processor computes. */
    private final @Nullable CudaMemory memory;

    private final MaskPasses passes;
    private final HandedOn state;

    /**
     * Streams at their beginning.
     *
     * @param streams sequences side by side
     * @param window positions of a window
     * @throws IllegalArgumentException if the model's data are images, it has a condition, or a value is read from farther
     *     away than a window is long
     */
    public StreamPass(TrainingPass parameters, int streams, int window) {
        if (streams < 1 || window < 1) {
            throw new IllegalArgumentException(
                    "streams: found " + streams + " of windows of " + window + " positions, expected at least 1");
        }
        this.parameters = parameters;
        this.streams = streams;
        this.window = window;
        nats = new double[streams];
        try {
            BoundGraph bound = parameters.bound();
            if (parameters.config().data().length().isPresent()) {
                throw new IllegalArgumentException("streams: found a model of examples of "
                        + parameters.config().data().length().getAsInt()
                        + " positions, expected text, audio or series");
            }
            Condition.none().check(bound.graph(), streams, window);
            CudaMemory under = parameters.memory();
            memory = under == null ? null : new CudaMemory(under, arena);
            DevicePasses device = memory == null ? null : new DevicePasses(memory, arena);
            passes = new MaskPasses(
                    parameters.config().data(), List.of(bound), arena, streams, window, PassKind.GRADIENTS, device);
            state = new HandedOn(passes.pass(0).carry().state(arena), device);
            if (memory != null) {
                memory.hold(state.all());
            }
        } catch (Throwable failure) {
            arena.close();
            throw failure;
        }
    }

    /** Makes the next window the first of its streams. */
    public void begin() {
        owner.check();
        state.begin();
        bringStaying();
    }

    /**
     * What the last window handed on, replaced by each window and by {@link #begin}; written to by who resumes. It must not
     * be used after {@link #close}.
     */
    public MemorySegment carried() {
        owner.check();
        return state.all();
    }

    /**
     * As {@link TrainingPass#stay}, of the state, too: what this machine has of what is {@link #carried} is of no meaning until then
     * but for what is fetched or brought.
     *
     * @return null where no device computes
     */
    public @Nullable DeviceVectors stay() {
        owner.check();
        return memory == null ? null : parameters.stay(memory);
    }

    /**
     * Goes through other windows, and back to the state that is there now.
     *
     * @param windows what is made of them, from their {@link #begin} on
     */
    public double aside(DoubleSupplier windows) {
        owner.check();
        if (parameters.isStaying()) {
            state.fetch();
        }
        MemorySegment now = state.all();
        try (Arena own = Arena.ofConfined()) {
            MemorySegment held = own.allocate(Math.max(1, now.byteSize())).asSlice(0, now.byteSize());
            held.copyFrom(now);
            try {
                return windows.getAsDouble();
            } finally {
                now.copyFrom(held);
                bringStaying();
            }
        }
    }

    /** Where the state stays on the device, it has to be told what this machine has made of it. */
    private void bringStaying() {
        if (parameters.isStaying()) {
            state.bring();
        }
    }

    /**
     * The mean over the streams of {@code -ln p} of their next windows, with the parameters as they are now, in nats; its
     * gradient is the training pass's.
     *
     * @param windows one of each stream
     */
    public double lossAndGradient(Examples windows) {
        return lossAndGradient(windows, 0);
    }

    /**
     * As {@link #lossAndGradient(Examples)}, with what a step draws.
     *
     * @param step from 0
     */
    public double lossAndGradient(Examples windows, long step) {
        parameters.draw(step);
        double loss = run(parameters.training(), windows);
        MemorySegment gradient = parameters.gradient();
        passes.clearGradient(gradient);
        passes.gradient(parameters.training(), 1f / streams, gradient);
        if (!parameters.isStaying()) {
            passes.fetchGradient(gradient);
        }
        return loss;
    }

    /** As {@link #lossAndGradient(Examples)}, without a gradient. */
    public double loss(Examples windows) {
        parameters.draw(-1);
        return run(parameters.context(), windows);
    }

    private double run(Context context, Examples windows) {
        owner.check();
        if (windows.count() != streams || windows.length() != window) {
            throw new IllegalArgumentException("windows: found " + windows.count() + " x " + windows.length()
                    + " values, expected " + streams + " x " + window);
        }
        Batches.check(parameters.config().data(), windows);
        passes.refresh(context, !parameters.isStaying());
        if (!parameters.isStaying()) {
            state.bring();
        }
        state.load(context);
        passes.fill(context, windows, Condition.none(), n -> n, streams);
        passes.run(context);
        state.save(context);
        if (!parameters.isStaying()) {
            state.fetch();
        }
        passes.nats(context, streams, nats, 0);
        double sum = 0;
        for (double of : nats) {
            sum += of;
        }
        return sum / streams;
    }

    /** Gives the memory back; a second time does nothing. */
    @Override
    public void close() {
        if (owner.close()) {
            arena.close();
        }
    }
}
