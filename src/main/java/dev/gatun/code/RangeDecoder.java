package dev.gatun.code;

import dev.gatun.LevelDistribution;

/** What {@link RangeEncoder} wrote, read back. Any bytes decode to something; behind the end are zeros. */
final class RangeDecoder {
    private static final int BYTE = 0xff;

    private final byte[] bytes;
    private int next;
    /** Where the number that the bytes are lies in the interval. */
    private long place;

    private long range = 1L << RangeEncoder.BITS;

    RangeDecoder(byte[] bytes) {
        this.bytes = bytes;
        for (int i = 0; i < RangeEncoder.BITS / Byte.SIZE; i++) {
            place = (place << Byte.SIZE) | read();
        }
    }

    private int read() {
        return next < bytes.length ? bytes[next++] & BYTE : 0;
    }

    /** The next symbol, of this distribution. */
    int decode(LevelDistribution distribution) {
        long unit = range / distribution.total();
        int level = distribution.find(Math.min(place / unit, distribution.total() - 1));
        place -= unit * distribution.start(level);
        range = unit * distribution.frequency(level);
        while (range < RangeEncoder.NARROW) {
            place = (place << Byte.SIZE) | read();
            range <<= Byte.SIZE;
        }
        return level;
    }
}
