package dev.gatun.file;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads a text in UTF-8 code point by code point, so that one of any length can be read; strictly, with places of errors. */
public final class Utf8Reader implements AutoCloseable {
    private static final int BUFFER_BYTES = 1 << 16;
    /** The least code point that takes so many bytes, by their number. */
    private static final int[] LEAST = {0, 0, 0x80, 0x800, 0x10000};

    private final Path file;
    private final InputStream in;
    private long position;
    private long offset;

    private Utf8Reader(Path file, InputStream in) {
        this.file = file;
        this.in = in;
    }

    /** Opens a file. */
    public static Utf8Reader open(Path file) throws IOException {
        Unpacked.requireFile(file);
        return new Utf8Reader(file, new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES));
    }

    /**
     * The next code point, or -1 at the end.
     *
     * @throws FormatException if the bytes are no UTF-8: names the offset
     */
    public int next() throws IOException {
        offset = position;
        int first = in.read();
        if (first < 0) {
            return -1;
        }
        position++;
        if (first < 0x80) {
            return first;
        }
        int bytes = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
        if (first < 0xc2 || first > 0xf4) {
            throw malformed(first);
        }
        int point = first & (0xff >> (bytes + 1));
        for (int i = 1; i < bytes; i++) {
            int more = in.read();
            if (more < 0 || (more & 0xc0) != 0x80) {
                throw malformed(first);
            }
            position++;
            point = point << 6 | (more & 0x3f);
        }
        if (point < LEAST[bytes] || point > Character.MAX_CODE_POINT || (point >= 0xd800 && point < 0xe000)) {
            throw malformed(first);
        }
        return point;
    }

    /** Where the code point that {@link #next} returned last begins, in bytes from the file's beginning. */
    public long offset() {
        return offset;
    }

    private FormatException malformed(int first) {
        return new FormatException(
                file, "is not UTF-8 text: found the byte 0x%02x at offset %d".formatted(first, offset));
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
