package dev.gatun.file;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Makes small WAV files. */
public final class SoundBytes {
    private SoundBytes() {}

    /** A file of a format and some data. */
    public static byte[] wav(int format, int channels, int rate, int bits, byte[] data) {
        return file(format(format, channels, rate, bits, 16).array(), data, data.length, false);
    }

    /** As {@link #wav}, as WAVE_FORMAT_EXTENSIBLE, between chunks of odd sizes. */
    public static byte[] extensible(int format, int channels, int rate, int bits, byte[] data) {
        ByteBuffer fmt = format(0xfffe, channels, rate, bits, 40);
        fmt.putShort(16, (short) 22).putShort(18, (short) bits).putShort(24, (short) format);
        byte[] end = {0, 0, 0, 0, 0x10, 0, (byte) 0x80, 0, 0, (byte) 0xaa, 0, 0x38, (byte) 0x9b, 0x71};
        fmt.position(26).put(end);
        return file(fmt.array(), data, data.length, true);
    }

    /** As {@link #wav}, with a length of the data that is said and not true. */
    public static byte[] lying(byte[] data, int said) {
        return file(format(1, 1, 8000, 16, 16).array(), data, said, false);
    }

    private static ByteBuffer format(int format, int channels, int rate, int bits, int size) {
        int block = channels * bits / 8;
        return ByteBuffer.allocate(size)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putShort((short) format)
                .putShort((short) channels)
                .putInt(rate)
                .putInt(rate * block)
                .putShort((short) block)
                .putShort((short) bits);
    }

    private static byte[] file(byte[] fmt, byte[] data, int said, boolean odd) {
        int extra = odd ? 2 * 12 : 0;
        ByteBuffer file = ByteBuffer.allocate(12 + 8 + fmt.length + extra + 8 + data.length)
                .order(ByteOrder.LITTLE_ENDIAN);
        file.put(ascii("RIFF")).putInt(file.capacity() - 8).put(ascii("WAVE"));
        if (odd) {
            file.put(ascii("LIST")).putInt(3).put(new byte[] {1, 2, 3, 0});
        }
        file.put(ascii("fmt ")).putInt(fmt.length).put(fmt);
        if (odd) {
            file.put(ascii("fact")).putInt(3).put(new byte[] {1, 2, 3, 0});
        }
        return file.put(ascii("data")).putInt(said).put(data).array();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
