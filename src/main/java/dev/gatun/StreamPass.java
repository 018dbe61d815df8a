package dev.gatun;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.NativeDistribution;
import dev.gatun.graph.BoundGraph;
import dev.gatun.graph.Carry;
import dev.gatun.graph.ChainOrder;
import dev.gatun.graph.Pass;
import dev.gatun.graph.PassKind;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Long sequences, side by side, window by window: the state at a window's beginning is that at the end of the one before,
 * and no gradient flows through it (truncated back-propagation through time, Williams and Peng 1990). The parameters and
 * the gradient are those of a {@link TrainingPass}, on whose thread it is used and which is closed after it.
 */
public final class StreamPass implements AutoCloseable {
    private final TrainingPass parameters;
    private final int streams;
    private final int window;
    private final Owner owner = new Owner("stream pass");
    private final Arena arena = Arena.ofConfined();
    private final Pass pass;
    private final Carry carry;
    private final MemorySegment carried;
    private final NativeDistribution.Values values;
    private final Filling filling;
    private final MemorySegment logProb;

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
        if (parameters.isOnDevice()) {
            throw new UnsupportedOperationException(
                    "training window by window (streams) on a CUDA device: windows hand on"
                            + " their state on the processor alone; use the CPU");
        }
        this.parameters = parameters;
        filling = new Filling(parameters.config().data());
        this.streams = streams;
        this.window = window;
        try {
            BoundGraph bound = parameters.bound();
            if (parameters.config().data().length().isPresent()) {
                throw new IllegalArgumentException("streams: found a model of examples of "
                        + parameters.config().data().length().getAsInt()
                        + " positions, expected text, audio or series");
            }
            Condition.none().check(bound.graph(), streams, window);
            pass = new Pass(bound, arena, streams, window, PassKind.GRADIENTS);
            carry = pass.carry();
            carried = arena.allocate(Math.max(1, carry.floats()) * Float.BYTES, 64)
                    .asSlice(0, carry.floats() * Float.BYTES);
            values = new NativeDistribution.Values(arena, bound.distribution().real(), streams, window);
            logProb = arena.allocate((long) streams * window * Float.BYTES, 64);
        } catch (Throwable failure) {
            arena.close();
            throw failure;
        }
        begin();
    }

    /** Makes the next window the first of its streams. */
    public void begin() {
        owner.check();
        carry.writeBeginning(carried);
    }

    /**
     * What the last window handed on, replaced by each window and by {@link #begin}; written to by who resumes. It must not
     * be used after {@link #close}.
     */
    public MemorySegment carried() {
        owner.check();
        return carried;
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
        gradient.fill((byte) 0);
        pass.gradient(parameters.training(), values, 1f / streams, null, gradient);
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
        parameters.bound().refresh(context);
        carry.load(carried);
        for (int n = 0; n < streams; n++) {
            filling.fill(ChainOrder.natural(), windows, Condition.none(), n, pass, values, n);
        }
        pass.run(context);
        carry.save(carried);
        parameters.bound().distribution().logProb(context, pass.outputs(), values, logProb);
        double sum = 0;
        for (int n = 0; n < streams; n++) {
            sum -= Batches.sum(logProb, (long) n * window, window);
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
