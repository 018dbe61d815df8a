package dev.gatun.code;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/** A range coder: an interval of 56 bits that narrows with each symbol; its leading bytes leave when they are settled. */
final class RangeEncoder {
    static final int BITS = 56;
    /** The interval is never narrower when a symbol comes, so that totals below 2^32 divide it well. */
    static final long NARROW = 1L << (BITS - Byte.SIZE);

    private static final long WINDOW = (1L << BITS) - 1;
    private static final int BYTE = 0xff;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private long low;
    private long range = 1L << BITS;
    /** The last byte that a carry can still change, -1 before the first; behind it so many bytes of ones. */
    private int held = -1;

    private long ones;

    /** Bytes so far. */
    long size() {
        return bytes.size() + ones + 1;
    }

    /** A symbol of so much frequency behind {@code start}, of all {@code total < 2^32}. */
    void encode(long start, long frequency, long total) {
        long unit = range / total;
        low += unit * start;
        range = unit * frequency;
        while (range < NARROW) {
            shift();
            range <<= Byte.SIZE;
        }
    }

    private void shift() {
        int carry = (int) (low >>> BITS);
        int top = (int) (low >>> (BITS - Byte.SIZE)) & BYTE;
        if (top == BYTE && carry == 0) {
            ones++;
        } else {
            if (held >= 0) {
                bytes.write(held + carry);
            }
            for (; ones > 0; ones--) {
                bytes.write(BYTE + carry);
            }
            held = top;
        }
        low = (low << Byte.SIZE) & WINDOW;
    }

    /** All bytes, those of the end among them; trailing zeros are left out, for a decoder reads them behind the end. */
    byte[] finish() {
        long chosen = low;
        for (int zeros = BITS; zeros > 0; zeros--) {
            long mask = (1L << zeros) - 1;
            long rounded = (low + mask) & ~mask;
            if (rounded - low < range) {
                chosen = rounded;
                break;
            }
        }
        low = chosen;
        for (int i = 0; i <= BITS / Byte.SIZE; i++) {
            shift();
        }
        shiftOut();
        byte[] all = bytes.toByteArray();
        int end = all.length;
        while (end > 0 && all[end - 1] == 0) {
            end--;
        }
        return Arrays.copyOf(all, end);
    }

    /** What is held back, behind which nothing comes. */
    private void shiftOut() {
        if (held >= 0) {
            bytes.write(held);
        }
        for (; ones > 0; ones--) {
            bytes.write(BYTE);
        }
        held = -1;
    }
}
