package dev.gatun.data;

import dev.gatun.LongSequence;
import java.util.Objects;

/** Rows of bits, eight a byte, the most significant first, each row beginning with a new byte. The array is not copied. */
final class PackedBits implements LongSequence {
    private final byte[] bytes;
    private final int width;
    private final int rowBytes;

    /** @param width bits of a row; the bytes are whole rows */
    PackedBits(byte[] bytes, int width) {
        this.bytes = bytes;
        this.width = width;
        this.rowBytes = rowBytes(width);
    }

    static int rowBytes(int width) {
        return Math.ceilDiv(width, Byte.SIZE);
    }

    /** The first row with a bit beyond its width, or -1. */
    int spoiledRow() {
        int spare = rowBytes * Byte.SIZE - width;
        for (int last = rowBytes - 1; last < bytes.length; last += rowBytes) {
            if ((bytes[last] & ((1 << spare) - 1)) != 0) {
                return last / rowBytes;
            }
        }
        return -1;
    }

    @Override
    public long length() {
        return (long) (bytes.length / rowBytes) * width;
    }

    @Override
    public void read(long from, int[] to, int offset, int count) {
        Objects.checkFromIndexSize(from, count, length());
        Objects.checkFromIndexSize(offset, count, to.length);
        int row = (int) (from / width);
        int column = (int) (from % width);
        for (int i = 0; i < count; i++) {
            int held = bytes[row * rowBytes + column / Byte.SIZE];
            to[offset + i] = held >> (Byte.SIZE - 1 - column % Byte.SIZE) & 1;
            column++;
            if (column == width) {
                column = 0;
                row++;
            }
        }
    }
}
