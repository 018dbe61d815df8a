package dev.gatun.foreign;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Streams on their way: their state, and where their values go. One thread's. */
public interface SamplingRun {
    /** Has threads share the steps where those go on alone whose state lies together, or not. */
    void together(boolean shared);

    /** Back to position 0, for other samples, which follow each other. */
    void restart(Context context, long firstSample);

    /**
     * To some position, for the same samples: what streams keep there is to be written, each's into its {@link #state}.
     *
     * @throws IllegalStateException on a device, whose state is its own
     */
    void resume(Context context, long at);

    /**
     * What a stream keeps.
     *
     * @throws IllegalStateException on a device
     */
    StreamState state(int stream);

    /** The next position. */
    long position();

    /** Runs steps for all streams, up to the end of the values at most. Nothing is allocated. */
    void advance(Context context, int positions);

    /**
     * Times instructions from now on.
     *
     * @param meter takes what those of the first streams need; null: nothing is timed
     * @throws IllegalStateException on a device
     */
    void meter(@Nullable NativeMeter meter);

    /**
     * The first half of a step: what the next position is drawn from.
     *
     * @param into takes {@code [streams][outputs]}
     */
    void outputs(Context context, MemorySegment into);

    /** The second half, which takes the next position's values as they are where they are known, and draws the others. */
    void take(Context context);

    /**
     * The same streams as they are now, to go on by themselves.
     *
     * @param arena owner of their state
     * @param into takes their values, and those before
     */
    SamplingRun fork(Context context, Arena arena, NativeDistribution.Values into);

    /** Demands room for the outputs of all streams, and a position that is left. */
    static void checkOutputs(NativeDistribution distribution, int streams, long position, int end, MemorySegment into) {
        if (position >= end) {
            throw new IllegalStateException("outputs: position " + position + " of " + end);
        }
        NativeAffine.checkFloats("outputs", into, (long) streams * distribution.outputs());
    }

    /** Demands that a run computes on this machine's processor, whose state others may see. */
    static void requireHere(boolean here) {
        if (!here) {
            throw new IllegalStateException(
                    "the state of steps: found a CUDA device, expected this machine's processor");
        }
    }

    /** Addresses are handed to native code bare, so that nothing else keeps their memory. */
    static void checkAlive(String what, @Nullable MemorySegment segment) {
        if (segment != null && !segment.scope().isAlive()) {
            throw new IllegalStateException(what + ": memory that was given back");
        }
    }

    /** Demands that there is room for a value of every position of every stream, and what is said of them. */
    static void checkValues(
            NativeDistribution distribution,
            int streams,
            NativeDistribution.Values values,
            @Nullable MemorySegment known,
            @Nullable MemorySegment logProb) {
        long count = (long) streams * values.positions();
        if (streams < 0 || values.real() != distribution.real() || values.capacity() < count) {
            throw new IllegalArgumentException(streams + " streams with room for " + values.capacity() + " values");
        }
        if (known != null && known.byteSize() < count) {
            throw new IllegalArgumentException("known: found " + known.byteSize() + " bytes, expected " + count);
        }
        if (logProb != null) {
            NativeAffine.checkFloats("log-probabilities", logProb, count);
        }
    }
}
