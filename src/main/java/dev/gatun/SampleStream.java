package dev.gatun;

import org.jspecify.annotations.Nullable;

/**
 * One of the streams of a {@link StreamSampler}, on the thread of which it is used. Closing it frees its place at once, whether it
 * has ended or not.
 */
public final class SampleStream implements AutoCloseable {
    private final StreamSampler sampler;
    private final StreamStart start;
    private final int place;
    private final @Nullable StreamPrefix prefix;
    private final StreamChunk chunk;
    private final @Nullable StreamFrames frames;
    private final long length;
    private long position;
    private int target;
    private boolean held;
    private boolean closed;

    /**
     * A stream at its position 0.
     *
     * @param length positions until it ends
     */
    SampleStream(
            StreamSampler sampler,
            StreamStart start,
            int place,
            long length,
            StreamChunk chunk,
            @Nullable StreamPrefix prefix,
            @Nullable StreamFrames frames) {
        this.sampler = sampler;
        this.start = start;
        this.place = place;
        this.length = length;
        this.chunk = chunk;
        this.frames = frames;
        this.prefix = prefix;
    }

    /** What it was started with. */
    public StreamStart start() {
        return start;
    }

    /** The next position, which is also how many are known; those of the prefix count. */
    public long position() {
        return position;
    }

    /** Whether nothing of it is left to be drawn: it is at its length, its frames are over, or they failed. */
    public boolean ended() {
        return position == length || failure() != null || (frames != null && frames.endAt() <= position);
    }

    /** Why its frames failed; null if they did not. */
    public @Nullable Throwable failure() {
        return frames == null ? null : frames.failure();
    }

    /** Has it stand still from the next step on, or go on where it stood. The others are not held up. */
    public void hold(boolean still) {
        sampler.checkOwner();
        held = still;
    }

    /** The values that the last {@link StreamSampler#advance} drew of it; none while it is within its prefix. */
    public StreamChunk chunk() {
        return chunk;
    }

    /** Leaves its place to another stream; a second time does nothing. */
    @Override
    public void close() {
        if (!closed && sampler.leave(place)) {
            closed = true;
            chunk.clear();
        }
    }

    /** How far an advance of so many positions takes it; what the last one drew is over. */
    void prepare(int positions) {
        chunk.clear();
        target = 0;
        if (held || failure() != null) {
            return;
        }
        long end = length;
        if (frames != null) {
            frames.poll(position);
            end = Math.min(end, failure() != null ? position : frames.reach());
        }
        target = (int) Math.min(positions, end - position);
    }

    /** Positions of this advance, from its beginning. */
    int target() {
        return target;
    }

    /** Writes what is known of the next positions; whether anything is. */
    boolean give(int at, int steps) {
        return prefix != null && prefix.give(position, at, steps);
    }

    /** Takes what was drawn of the next positions. */
    void moved(int at, int steps) {
        int given = prefix == null ? 0 : Math.clamp(prefix.length() - position, 0, steps);
        if (given < steps) {
            chunk.add(position + given, at + given, steps - given);
        }
        position += steps;
    }
}
