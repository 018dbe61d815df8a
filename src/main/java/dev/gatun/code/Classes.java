package dev.gatun.code;

import dev.gatun.file.FormatException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * Classes that a file keeps behind its header: how many bits each has, these bits, the lowest first, and a checksum of all
 * that.
 */
final class Classes {
    private static final int CHECKSUM = Integer.BYTES;

    private Classes() {}

    static byte[] write(int[] classes) {
        int most = 1; // a bit at least, so that a file's length bears out how many there are
        for (int one : classes) {
            most = Math.max(most, one);
        }
        int bits = Integer.SIZE - Integer.numberOfLeadingZeros(most);
        ByteBuffer to = ByteBuffer.allocate(Math.toIntExact(bytes(classes.length, bits)));
        to.put((byte) bits);
        long waiting = 0;
        int count = 0;
        for (int one : classes) {
            waiting |= (long) one << count;
            for (count += bits; count >= Byte.SIZE; count -= Byte.SIZE) {
                to.put((byte) waiting);
                waiting >>>= Byte.SIZE;
            }
        }
        if (count > 0) {
            to.put((byte) waiting);
        }
        to.putInt(Header.crc(to.array(), 0, to.position()));
        return to.array();
    }

    /** How long that is. */
    static long bytes(int count, int bits) {
        return 1 + ((long) count * bits + Byte.SIZE - 1) / Byte.SIZE + CHECKSUM;
    }

    /**
     * Reads them, and leaves the file behind them.
     *
     * @param file at their first byte
     * @param count as the header has it, which the file's length must bear out
     * @throws FormatException if they are cut off, or were altered
     */
    static int[] read(Path path, RandomAccessFile file, int count) throws IOException {
        long left = file.length() - file.getFilePointer();
        int bits = left > 0 ? file.read() : 0;
        long bytes = bytes(count, bits);
        if (bits < 1 || bits >= Integer.SIZE || bytes > left || bytes > Integer.MAX_VALUE - Long.BYTES) {
            throw new FormatException(
                    path,
                    "ends in its classes: found " + left + " bytes, expected " + count + " classes of " + bits
                            + " bits");
        }
        ByteBuffer from = ByteBuffer.allocate((int) bytes);
        from.put((byte) bits);
        file.readFully(from.array(), 1, (int) bytes - 1);
        if (Header.crc(from.array(), 0, (int) bytes - CHECKSUM) != from.getInt((int) bytes - CHECKSUM)) {
            throw new FormatException(path, "its classes were altered: the checksum is another");
        }
        int[] classes = new int[count];
        long waiting = 0;
        int there = 0;
        for (int n = 0; n < count; n++) {
            for (; there < bits; there += Byte.SIZE) {
                waiting |= (long) Byte.toUnsignedInt(from.get()) << there;
            }
            classes[n] = (int) (waiting & ((1L << bits) - 1));
            waiting >>>= bits;
            there -= bits;
        }
        return classes;
    }
}
