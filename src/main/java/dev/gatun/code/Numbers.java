package dev.gatun.code;

import dev.gatun.file.FormatException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** Whole numbers of 0 to 2^31-1 in seven bits a byte, the lowest first (LEB128). */
final class Numbers {
    private static final int SEVEN = 7;
    private static final int LOW = 0x7f;
    private static final int MORE = 0x80;

    private Numbers() {}

    static void put(ByteBuffer to, int number) {
        int rest = number;
        for (; rest > LOW; rest >>>= SEVEN) {
            to.put((byte) ((rest & LOW) | MORE));
        }
        to.put((byte) rest);
    }

    static int get(Path file, ByteBuffer from, String what) throws FormatException {
        long number = 0;
        for (int shift = 0; shift < Integer.SIZE; shift += SEVEN) {
            int read = from.get();
            number |= (long) (read & LOW) << shift;
            if ((read & MORE) == 0 && number <= Integer.MAX_VALUE) {
                return (int) number;
            }
            if ((read & MORE) == 0) {
                break;
            }
        }
        throw new FormatException(file, what + ": found a number above " + Integer.MAX_VALUE);
    }
}
