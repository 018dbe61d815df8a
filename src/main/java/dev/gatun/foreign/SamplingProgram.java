package dev.gatun.foreign;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** What native code interprets to draw samples position by position. Immutable; shared by threads, each with a run of its own. */
public sealed interface SamplingProgram permits NativeStepProgram, NativeGridProgram {
    /** What the outputs mean. */
    NativeDistribution distribution();

    /** Floats of a stream's state. */
    long stateFloats();

    /** Measures on this machine's processor what sharing its steps saves, once: some milliseconds where programs are large. */
    StepTimes stepTimes(Context context);

    /**
     * This program on a CUDA device, where its runs then compute the same.
     *
     * @param arena owner of the copy
     * @throws NativeException if the device has no memory for it, or does not know an instruction
     */
    SamplingProgram on(CudaDevice cuda, Arena arena);

    /**
     * Streams at position 0.
     *
     * @param arena owner of their state
     * @param values streams x length; what {@code known} marks is read, the rest written
     * @param condition what the streams are drawn under
     * @param known one byte a value, 1 where it is given, or null
     * @param logProb a float a value, written, or null
     */
    SamplingRun start(
            Context context,
            Arena arena,
            int streams,
            NativeDistribution.Noise noise,
            NativeDistribution.Values values,
            NativeCondition condition,
            @Nullable MemorySegment known,
            @Nullable MemorySegment logProb);
}
