package dev.gatun.foreign;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/** What streams are drawn under: a class for each, features for each frame, both or nothing. */
public final class NativeCondition {
    private final MemorySegment frames;
    private final MemorySegment classes;
    private final int frameCount;
    private final int channels;

    /**
     * A condition, copied into native memory.
     *
     * @param classes of each stream, or null
     * @param frames {@code [streams, frames, channels]}, or null
     */
    public NativeCondition(
            Arena arena, int @Nullable [] classes, float @Nullable [] frames, int frameCount, int channels) {
        this.classes = classes == null ? MemorySegment.NULL : arena.allocateFrom(ValueLayout.JAVA_INT, classes);
        this.frames = frames == null ? MemorySegment.NULL : arena.allocateFrom(ValueLayout.JAVA_FLOAT, frames);
        this.frameCount = frameCount;
        this.channels = channels;
    }

    MemorySegment frames() {
        return frames;
    }

    MemorySegment classes() {
        return classes;
    }

    int frameCount() {
        return frameCount;
    }

    /**
     * Demands that there is what an instruction of a program will read.
     *
     * @param reader {@link StepKind#FRAME} or {@link StepKind#CLASS}
     * @param features of a frame
     * @param read frames that it reads
     */
    void checkRoom(int streams, StepKind reader, int features, long read) {
        boolean frame = reader == StepKind.FRAME;
        long needed = frame ? (long) streams * frameCount * channels : streams;
        boolean fits = !frame || (frameCount >= read && channels == features);
        if (!fits || (frame ? frames : classes).byteSize() < needed * Integer.BYTES) {
            throw new IllegalArgumentException("a condition of " + classes.byteSize() / Integer.BYTES + " classes and "
                    + frameCount + " frames of " + channels + " channels for " + streams + " streams that read "
                    + (frame ? read + " frames of " + features : "a class"));
        }
    }
}
