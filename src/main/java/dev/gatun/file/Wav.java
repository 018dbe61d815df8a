package dev.gatun.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Writes sound as WAV: one channel of 16-bit samples. By hand: 44 bytes are not worth starting the sound system for.
 */
public final class Wav {
    private static final int HEADER_BYTES = 44;
    private static final int SAMPLE_BYTES = Short.BYTES;
    private static final int CHUNK_SAMPLES = 1 << 15;

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
        if (sampleRate < 1 || sampleRate > 1 << 30) {
            throw new IllegalArgumentException("sampleRate is " + sampleRate + ", expected 1 to 2^30");
        }
        if (samples.length > 1 << 30) {
            throw new IllegalArgumentException(samples.length + " samples, expected at most 2^30");
        }
        for (int i = 0; i < samples.length; i++) {
            if (!(samples[i] >= -1 && samples[i] <= 1)) {
                throw new IllegalArgumentException("sample number " + i + " is " + samples[i] + ", expected -1 to 1");
            }
        }
        AtomicFile.write(path, out -> {
            out.write(header(samples.length, sampleRate));
            ByteBuffer chunk = ByteBuffer.allocate(CHUNK_SAMPLES * SAMPLE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
            for (int at = 0; at < samples.length; at += CHUNK_SAMPLES) {
                chunk.clear();
                for (int i = at; i < Math.min(samples.length, at + CHUNK_SAMPLES); i++) {
                    chunk.putShort((short) Math.round(samples[i] * Short.MAX_VALUE));
                }
                out.write(chunk.array(), 0, chunk.position());
            }
        });
    }

    private static byte[] header(int samples, int sampleRate) {
        int bytes = samples * SAMPLE_BYTES; // an unsigned 32-bit number in the file
        return ByteBuffer.allocate(HEADER_BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(ascii("RIFF"))
                .putInt(bytes + HEADER_BYTES - 8)
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
