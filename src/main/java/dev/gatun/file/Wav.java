package dev.gatun.file;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Writes sound as WAV: one channel of 16-bit samples. By hand: 44 bytes are not worth starting the sound system for.
 */
public final class Wav {
    /** The size, in the header, of what is still being made. */
    static final int UNKNOWN = 0xffff_ffff;

    static final int CHUNK_BYTES = 1 << 13;

    private static final int HEADER_BYTES = 44;
    private static final int SAMPLE_BYTES = Short.BYTES;
    private static final int MOST_SAMPLES = 1 << 30;

    private Wav() {}

    /**
     * Writes samples, replacing the file whole or not at all (see {@link AtomicFile}).
     *
     * @param path the file
     * @param samples values from -1 to 1, at most 2^30
     * @param sampleRate samples a second, from 1 to 2^30
     * @throws IOException if it cannot be written; what was there is then intact
     * @throws IllegalArgumentException if a sample or the rate is out of its range
     */
    public static void write(Path path, float[] samples, int sampleRate) throws IOException {
        if (samples.length > MOST_SAMPLES) {
            throw new IllegalArgumentException(samples.length + " samples, expected at most 2^30");
        }
        byte[] header = header(samples.length * SAMPLE_BYTES, sampleRate); // an unsigned 32-bit number in the file
        check(samples, 0, samples.length);
        AtomicFile.write(path, out -> {
            out.write(header);
            put(samples, 0, samples.length, new byte[CHUNK_BYTES], out);
        });
    }

    /** Demands that samples can be written. */
    static void check(float[] samples, int from, int count) {
        Objects.checkFromIndexSize(from, count, samples.length);
        for (int i = from; i < from + count; i++) {
            if (!(samples[i] >= -1 && samples[i] <= 1)) {
                throw new IllegalArgumentException("sample number " + i + " is " + samples[i] + ", expected -1 to 1");
            }
        }
    }

    /** Writes samples through a buffer of {@link #CHUNK_BYTES}. */
    static void put(float[] samples, int from, int count, byte[] chunk, OutputStream out) throws IOException {
        int filled = 0;
        for (int i = from; i < from + count; i++) {
            int value = Math.round(samples[i] * Short.MAX_VALUE);
            chunk[filled++] = (byte) value;
            chunk[filled++] = (byte) (value >> Byte.SIZE);
            if (filled == CHUNK_BYTES) {
                out.write(chunk, 0, filled);
                filled = 0;
            }
        }
        out.write(chunk, 0, filled);
    }

    /** The bytes of so many samples, as a header has them. */
    static int bytes(long samples) {
        return samples > MOST_SAMPLES ? UNKNOWN : (int) (samples * SAMPLE_BYTES);
    }

    /** The header of a sound of some bytes, or of {@link #UNKNOWN} ones. */
    static byte[] header(int bytes, int sampleRate) {
        if (sampleRate < 1 || sampleRate > 1 << 30) {
            throw new IllegalArgumentException("sampleRate is " + sampleRate + ", expected 1 to 2^30");
        }
        return ByteBuffer.allocate(HEADER_BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(ascii("RIFF"))
                .putInt(bytes == UNKNOWN ? UNKNOWN : bytes + HEADER_BYTES - 8)
                .put(ascii("WAVEfmt "))
                .putInt(16) // the bytes of the format that follow
                .putShort((short) 1) // PCM
                .putShort((short) 1) // channels
                .putInt(sampleRate)
                .putInt(sampleRate * SAMPLE_BYTES)
                .putShort((short) SAMPLE_BYTES)
                .putShort((short) (SAMPLE_BYTES * Byte.SIZE))
                .put(ascii("data"))
                .putInt(bytes)
                .array();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
