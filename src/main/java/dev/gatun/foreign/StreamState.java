package dev.gatun.foreign;

import java.lang.foreign.MemorySegment;

/**
 * What a step program keeps for one of the streams whose state lies together: slot by slot, in each place by place, and there
 * stream by stream.
 *
 * @param floats the state of all streams of a run
 * @param first float of those that lie together
 * @param together how many these are
 * @param index of the stream among them
 */
public record StreamState(MemorySegment floats, long first, int together, int index) {
    /** The stream of a run whose streams lie in parts. */
    static StreamState of(MemorySegment floats, long floatsEach, int streams, int part, int stream) {
        int begin = stream / part * part;
        return new StreamState(floats, begin * floatsEach, Math.min(part, streams - begin), stream - begin);
    }

    /**
     * Sets a place of a slot.
     *
     * @param slot its offset, in floats of a stream
     * @param features of the slot
     * @param from a map of as many features at a position
     * @param value the index of the position's first
     */
    public void write(long slot, long place, int features, NativeGrid from, long value) {
        long to = first + slot * together + (place * together + index) * features;
        MemorySegment.copy(from.memory(), value * Float.BYTES, floats, to * Float.BYTES, (long) features * Float.BYTES);
    }
}
