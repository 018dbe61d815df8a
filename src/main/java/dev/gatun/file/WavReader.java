package dev.gatun.file;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Reads WAV by windows: 8-bit unsigned, 16-, 24- and 32-bit signed PCM, 32- and 64-bit floating point, any rate and up to 64
 * channels, also as {@code WAVE_FORMAT_EXTENSIBLE}. Chunks that are not wanted are passed over. A sound whose header says that
 * its length is not known (0xFFFFFFFF) goes to the file's end. For one thread.
 */
public final class WavReader implements AutoCloseable {
    private static final int PCM = 1;
    private static final int FLOAT = 3;
    private static final int EXTENSIBLE = 0xfffe;
    private static final int FORMAT_BYTES = 16;
    private static final int EXTENSIBLE_BYTES = 40;
    private static final int MOST_FORMAT_BYTES = 1 << 10;
    private static final int MOST_CHANNELS = 64;
    private static final long UNKNOWN = 0xffff_ffffL;
    private static final int CHUNK_HEAD = 8;
    private static final int WINDOW_FRAMES = 1 << 12;
    /** The end of the identifiers of formats; the first two bytes are the format. */
    private static final byte[] SUBFORMAT = {
        0, 0, 0, 0, 0x10, 0, (byte) 0x80, 0, 0, (byte) 0xaa, 0, 0x38, (byte) 0x9b, 0x71
    };

    private final Path file;
    private final InputStream in;
    private final long size;
    private long position;
    private int channels;
    private int sampleRate;
    private int sampleBytes;
    private boolean floating;
    private long frames;
    private long framesRead;
    private byte[] window = new byte[0];

    private WavReader(Path file, InputStream in, long size) {
        this.file = file;
        this.in = in;
        this.size = size;
    }

    /**
     * Opens a file and reads up to its sound.
     *
     * @throws FormatException if it is no WAV, of a kind that is not read, or shorter than it says
     * @throws IOException if it cannot be read
     */
    public static WavReader open(Path file) throws IOException {
        Unpacked.requireFile(file);
        InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
        return open(file, in, Files.size(file));
    }

    /**
     * As {@link #open(Path)}, of a stream, which is closed with the reader.
     *
     * @param name what messages call it
     * @param size how many bytes it has
     */
    public static WavReader open(Path name, InputStream in, long size) throws IOException {
        WavReader reader = new WavReader(name, in, size);
        try {
            reader.header();
            return reader;
        } catch (Throwable failure) {
            in.close();
            throw failure;
        }
    }

    /** Samples a second of each channel. */
    public int sampleRate() {
        return sampleRate;
    }

    /** Samples of a frame. */
    public int channels() {
        return channels;
    }

    /** How many frames there are. */
    public long frames() {
        return frames;
    }

    /**
     * Reads the next frames.
     *
     * @param to takes the samples of a frame side by side: whole numbers over 2^(bits-1), so in [-1, 1), and floats as they are
     * @param most frames at most, as many as the array has room for
     * @return how many were read; 0 at the end
     * @throws FormatException if the file is shorter than when it was opened, or a float is not finite
     */
    public int read(float[] to, int most) throws IOException {
        int count = (int) Math.min(Math.min(most, WINDOW_FRAMES), frames - framesRead);
        int bytes = count * channels * sampleBytes;
        if (window.length < bytes) {
            window = new byte[bytes];
        }
        if (in.readNBytes(window, 0, bytes) < bytes) {
            throw new FormatException(file, "ends within its sound, after some " + framesRead + " frames");
        }
        ByteBuffer buffer = ByteBuffer.wrap(window, 0, bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count * channels; i++) {
            to[i] = floating ? real(buffer, i) : whole(buffer);
        }
        framesRead += count;
        return count;
    }

    private float whole(ByteBuffer from) {
        return switch (sampleBytes) {
            case 1 -> ((from.get() & 0xff) - 128) * 0x1p-7f;
            case 2 -> from.getShort() * 0x1p-15f;
            case 3 -> ((from.get() & 0xff) | (from.get() & 0xff) << 8 | from.get() << 16) * 0x1p-23f;
            default -> from.getInt() * 0x1p-31f;
        };
    }

    private float real(ByteBuffer from, int index) throws FormatException {
        float value = sampleBytes == Float.BYTES ? from.getFloat() : (float) from.getDouble();
        if (!Float.isFinite(value)) {
            throw new FormatException(
                    file,
                    "found " + value + " in frame " + (framesRead + index / channels) + ", expected finite numbers");
        }
        return value;
    }

    private void header() throws IOException {
        ByteBuffer head = take(12, "its header");
        if (!tag(head).equals("RIFF") || !tag(head.position(8)).equals("WAVE")) {
            throw new FormatException(file, "does not begin with RIFF and WAVE: no WAV file");
        }
        long riff = head.getInt(4) & UNKNOWN;
        if (riff != UNKNOWN && riff + CHUNK_HEAD > size) {
            throw new FormatException(file, "has " + size + " bytes, but says that it has " + (riff + CHUNK_HEAD));
        }
        boolean formatted = false;
        while (true) {
            ByteBuffer chunk = take(CHUNK_HEAD, "before a chunk \"data\"");
            String tag = tag(chunk);
            long bytes = chunk.getInt(4) & UNKNOWN;
            if (tag.equals("data")) {
                if (!formatted) {
                    throw new FormatException(file, "has no chunk \"fmt \" before its chunk \"data\"");
                }
                sound(bytes);
                return;
            }
            if (bytes > size - position) {
                throw new FormatException(
                        file,
                        "its chunk " + Text.quote(tag) + " declares " + bytes + " bytes, but " + (size - position)
                                + " follow");
            }
            if (tag.equals("fmt ")) {
                format(bytes);
                formatted = true;
            } else {
                skip(bytes);
            }
            // Chunks begin at even places; the byte between belongs to nobody.
            skip(bytes & 1);
        }
    }

    private void format(long bytes) throws IOException {
        if (bytes < FORMAT_BYTES || bytes > MOST_FORMAT_BYTES) {
            throw new FormatException(
                    file, "its format has " + bytes + " bytes, expected " + FORMAT_BYTES + ".." + MOST_FORMAT_BYTES);
        }
        ByteBuffer format = take((int) bytes, "its format");
        int code = format.getShort(0) & 0xffff;
        channels = format.getShort(2) & 0xffff;
        long rate = format.getInt(4) & UNKNOWN;
        int block = format.getShort(12) & 0xffff;
        int bits = format.getShort(14) & 0xffff;
        if (code == EXTENSIBLE) {
            code = subformat(format, (int) bytes);
        }
        floating = code == FLOAT;
        boolean known = floating ? bits == 32 || bits == 64 : code == PCM && bits >= 8 && bits <= 32 && bits % 8 == 0;
        if (!known) {
            throw new FormatException(
                    file,
                    "has samples of format " + code + " with " + bits
                            + " bits, expected PCM (1) with 8, 16, 24 or 32 bits, or floats (3) with 32 or 64");
        }
        sampleBytes = bits / Byte.SIZE;
        if (channels < 1 || channels > MOST_CHANNELS || block != channels * sampleBytes) {
            throw new FormatException(
                    file,
                    "has " + channels + " channels in frames of " + block + " bytes, expected 1.." + MOST_CHANNELS
                            + " channels of " + sampleBytes + " bytes each");
        }
        if (rate < 1 || rate > 1 << 30) {
            throw new FormatException(file, "has " + rate + " samples a second, expected 1 to 2^30");
        }
        sampleRate = (int) rate;
    }

    private int subformat(ByteBuffer format, int bytes) throws FormatException {
        int at = 26;
        if (bytes < EXTENSIBLE_BYTES || !format.slice(at, SUBFORMAT.length).equals(ByteBuffer.wrap(SUBFORMAT))) {
            throw new FormatException(file, "has an extensible format of a kind that is not known");
        }
        int bits = format.getShort(14) & 0xffff;
        int valid = format.getShort(18) & 0xffff;
        if (valid != 0 && valid != bits) {
            throw new FormatException(
                    file, "has " + valid + " valid bits in samples of " + bits + ", expected all of them");
        }
        return format.getShort(24) & 0xffff;
    }

    private void sound(long bytes) throws FormatException {
        long rest = size - position;
        long own = bytes == UNKNOWN ? rest : bytes;
        int frame = channels * sampleBytes;
        if (own > rest) {
            throw new FormatException(file, "its chunk 'data' declares " + own + " bytes, but " + rest + " follow");
        }
        if (own % frame != 0) {
            throw new FormatException(
                    file, "its chunk 'data' has " + own + " bytes, expected frames of " + frame + " bytes");
        }
        frames = own / frame;
    }

    private void skip(long bytes) throws IOException {
        long left = Math.min(bytes, size - position);
        while (left > 0) {
            int step = (int) Math.min(left, 1 << 12);
            take(step, "a chunk");
            left -= step;
        }
    }

    private ByteBuffer take(int bytes, String where) throws IOException {
        byte[] taken = in.readNBytes(bytes);
        position += taken.length;
        if (taken.length < bytes) {
            throw new FormatException(file, "ends " + (where.startsWith("before") ? where : "within " + where));
        }
        return ByteBuffer.wrap(taken).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static String tag(ByteBuffer from) {
        byte[] tag = new byte[4];
        from.get(from.position(), tag);
        return new String(tag, StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
