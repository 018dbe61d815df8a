package dev.gatun.foreign;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Streams on their way: their state, and where their values go. One thread's. */
public interface SamplingRun {
    /** Back to position 0, for other samples, which follow each other. */
    void restart(Context context, long firstSample);

    /** The next position. */
    long position();

    /** Runs steps for all streams, up to the end of the values at most. Nothing is allocated. */
    void advance(Context context, int positions);

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
