package dev.gatun;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/** The frames of a stream, from its feed into its ring in native memory as far as there is room. */
final class StreamFrames {
    private final FrameFeed feed;
    private final MemorySegment ring;
    private final long row;
    private final int capacity;
    private final int hop;
    private final float[] frame;
    private long received;

    /**
     * None yet.
     *
     * @param ring of all streams, {@code [streams, capacity, channels]}
     * @param hop positions of a frame
     */
    StreamFrames(FrameFeed feed, MemorySegment ring, int place, int capacity, int hop) {
        this.feed = feed;
        this.ring = ring;
        this.capacity = capacity;
        this.hop = hop;
        frame = new float[feed.channels()];
        row = (long) place * capacity * frame.length;
    }

    /** Takes what there is; a frame's place is free once the stream has passed its first position. */
    void poll(long position) {
        long passed = Math.ceilDiv(position, (long) hop);
        while (received - passed < capacity && feed.take(frame)) {
            long at = row + received % capacity * frame.length;
            MemorySegment.copy(frame, 0, ring, ValueLayout.JAVA_FLOAT, at * Float.BYTES, frame.length);
            received++;
        }
    }

    /** The first position whose frame is not there yet. */
    long reach() {
        return Math.multiplyExact(received, (long) hop);
    }

    /** Where the stream ends, if that is known. */
    long endAt() {
        return feed.isOver() ? reach() : Long.MAX_VALUE;
    }

    @Nullable
    Throwable failure() {
        return feed.failure();
    }
}
