package dev.gatun.file;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Writes sound as WAV while it is being made: one channel of 16-bit samples, of a length that may be unknown when the header is
 * written. Both sizes of the header are then 0xFFFFFFFF, which players and readers take as "to the end". Writing
 * allocates nothing. For one thread.
 */
public final class WavWriter implements Closeable {
    private final OutputStream out;
    private final byte[] chunk = new byte[Wav.CHUNK_BYTES];

    /**
     * Writes the header.
     *
     * @param out where to; closed by {@link #close}
     * @param sampleRate samples a second, from 1 to 2^30
     * @throws IOException if the stream fails
     * @throws IllegalArgumentException if the rate is out of its range
     */
    public WavWriter(OutputStream out, int sampleRate) throws IOException {
        this.out = out;
        out.write(Wav.header(Wav.UNKNOWN, sampleRate));
    }

    /**
     * Writes the header of a sound whose length is known before it is made; whoever then writes fewer samples leaves a file that
     * ends early.
     *
     * @param samples how many there will be; of more than the header can say it is that of an unknown length
     * @throws IOException as above
     */
    public WavWriter(OutputStream out, int sampleRate, long samples) throws IOException {
        this.out = out;
        out.write(Wav.header(Wav.bytes(samples), sampleRate));
    }

    /**
     * Writes samples {@code from .. from+count-1} of an array, and has them passed on at once.
     *
     * @param samples values from -1 to 1
     * @throws IOException if the stream fails
     * @throws IllegalArgumentException if a sample is out of its range; nothing is then written
     */
    public void write(float[] samples, int from, int count) throws IOException {
        Wav.check(samples, from, count);
        Wav.put(samples, from, count, chunk, out);
        out.flush();
    }

    /** Closes the stream. */
    @Override
    public void close() throws IOException {
        out.close();
    }
}
