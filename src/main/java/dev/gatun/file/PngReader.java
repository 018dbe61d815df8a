package dev.gatun.file;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Reads a PNG line by line, so that a picture of any height needs the memory of two lines. Eight bits a sample, grey or red,
 * green and blue, not interlaced; palettes, transparency and other depths are refused. Checksums of all chunks are verified.
 * For one thread.
 */
public final class PngReader implements AutoCloseable {
    private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    private static final int HEADER_BYTES = 13;
    private static final int MOST_LINE = 1 << 24;
    private static final int BUFFER_BYTES = 1 << 16;
    private static final String DATA = "IDAT";
    private static final String END = "IEND";

    private final Path file;
    private final InputStream in;
    private final long size;
    private final Inflater inflater = new Inflater();
    private final CRC32 checksum = new CRC32();
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private long position;
    /** Bytes of the chunk that have not been read, and its name. */
    private long left;

    private String chunk = "";
    private int width;
    private int height;
    private int channels;
    /** A line's filter and bytes, as they come, and the line above. */
    private byte[] line = new byte[0];

    private byte[] above = new byte[0];
    private int row;

    private PngReader(Path file, InputStream in, long size) {
        this.file = file;
        this.in = in;
        this.size = size;
    }

    /**
     * Opens a file and reads its header.
     *
     * @throws FormatException if it is no PNG, or of a kind that is not read
     * @throws IOException if it cannot be read
     */
    public static PngReader open(Path file) throws IOException {
        Unpacked.requireFile(file);
        return open(file, new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES), Files.size(file));
    }

    /** As {@link #open(Path)}, of a stream, which is closed with the reader. */
    static PngReader open(Path name, InputStream in, long size) throws IOException {
        PngReader reader = new PngReader(name, in, size);
        try {
            reader.header();
            return reader;
        } catch (Throwable failure) {
            reader.close();
            throw failure;
        }
    }

    /** Pixels of a line. */
    public int width() {
        return width;
    }

    /** Lines. */
    public int height() {
        return height;
    }

    /** 1 for grey, 3 for red, green and blue. */
    public int channels() {
        return channels;
    }

    private void header() throws IOException {
        byte[] signature = new byte[SIGNATURE.length];
        if (in.readNBytes(signature, 0, signature.length) < signature.length
                || !ByteBuffer.wrap(signature).equals(ByteBuffer.wrap(SIGNATURE))) {
            throw new FormatException(file, "does not begin with the signature of PNG");
        }
        position = signature.length;
        nextChunk();
        if (!chunk.equals("IHDR") || left != HEADER_BYTES) {
            throw new FormatException(file, "begins with a chunk " + Text.quote(chunk) + ", expected IHDR");
        }
        ByteBuffer header = ByteBuffer.wrap(take(HEADER_BYTES));
        width = header.getInt();
        height = header.getInt();
        int depth = header.get();
        int colour = header.get();
        int compression = header.get();
        int filter = header.get();
        int interlace = header.get();
        if (depth != 8 || (colour != 0 && colour != 2) || compression != 0 || filter != 0 || interlace != 0) {
            throw new FormatException(
                    file,
                    "has " + depth + " bits a sample, the colour type " + colour + " and the interlace method "
                            + interlace + ", expected 8 bits, grey (0) or RGB (2), not interlaced (0)");
        }
        channels = colour == 0 ? 1 : 3;
        if (width < 1 || height < 1 || (long) width * channels > MOST_LINE) {
            throw new FormatException(
                    file,
                    "declares " + width + " x " + height + " pixels, expected at least 1 x 1 and lines of at most "
                            + MOST_LINE + " bytes");
        }
        long bytes = (1 + (long) width * channels) * height;
        if ((bytes - BUFFER_BYTES) / Unpacked.MOST_EXPANSION > size) {
            throw new FormatException(
                    file, "declares " + width + " x " + height + " pixels, more than its " + size + " bytes can hold");
        }
        line = new byte[1 + width * channels];
        above = new byte[line.length];
        endChunk();
        findData();
    }

    /** Passes over chunks up to the first of the data. */
    private void findData() throws IOException {
        for (nextChunk(); !chunk.equals(DATA); nextChunk()) {
            if (chunk.equals(END)) {
                throw new FormatException(file, "has no chunk IDAT");
            }
            if (chunk.equals("tRNS")) {
                throw new FormatException(file, "has transparency (tRNS), which is not read");
            }
            if (Character.isUpperCase(chunk.charAt(0)) && !chunk.equals("PLTE")) {
                throw new FormatException(file, "has a critical chunk " + Text.quote(chunk) + " that is not known");
            }
            skipChunk();
        }
    }

    /**
     * Reads the next line.
     *
     * @return width x channels bytes, red, green and blue of a pixel side by side; valid until the next call
     * @throws FormatException if the file is damaged; after the last line the rest of it is checked, too
     * @throws IllegalStateException if there are no more lines
     */
    public byte[] line() throws IOException {
        if (row == height) {
            throw new IllegalStateException(file + ": has no more lines than " + height);
        }
        byte[] done = above;
        above = line;
        line = done;
        inflate(line, line.length);
        Unfilter.line(
                line,
                above,
                channels,
                filter -> new FormatException(file, "line " + row + " has the filter " + filter + ", expected 0..4"));
        row++;
        if (row == height) {
            end();
        }
        byte[] pixels = new byte[line.length - 1];
        System.arraycopy(line, 1, pixels, 0, pixels.length);
        return pixels;
    }

    private void inflate(byte[] to, int count) throws IOException {
        int filled = 0;
        try {
            while (filled < count) {
                int got = inflater.inflate(to, filled, count - filled);
                filled += got;
                if (got == 0 && (inflater.finished() || inflater.needsDictionary())) {
                    throw new FormatException(file, "its data end within line " + row + " of " + height);
                }
                if (got == 0) {
                    feed();
                }
            }
        } catch (DataFormatException e) {
            throw new FormatException(file, "its data are damaged: " + e.getMessage(), e);
        }
    }

    /** Gives the inflater more of the data, which may lie in several chunks. */
    private void feed() throws IOException {
        while (left == 0) {
            endChunk();
            nextChunk();
            if (!chunk.equals(DATA)) {
                throw new FormatException(file, "its data end within line " + row + " of " + height);
            }
        }
        int count = (int) Math.min(left, buffer.length);
        take(buffer, count);
        inflater.setInput(buffer, 0, count);
    }

    /** Everything after the last line: the end of the data, and of the file. */
    private void end() throws IOException {
        try {
            byte[] none = new byte[1];
            while (!inflater.finished()) {
                if (inflater.inflate(none) > 0) {
                    throw new FormatException(file, "its data go on after line " + height);
                }
                if (!inflater.finished() && inflater.needsInput()) {
                    feed();
                }
            }
        } catch (DataFormatException e) {
            throw new FormatException(file, "its data are damaged: " + e.getMessage(), e);
        }
        while (!chunk.equals(END)) {
            skipChunk();
            nextChunk();
        }
        skipChunk();
    }

    private void nextChunk() throws IOException {
        byte[] head = new byte[2 * Integer.BYTES];
        if (in.readNBytes(head, 0, head.length) < head.length) {
            throw new FormatException(file, "ends before its chunk IEND");
        }
        position += head.length;
        left = ByteBuffer.wrap(head).getInt() & 0xffff_ffffL;
        chunk = new String(head, Integer.BYTES, Integer.BYTES, StandardCharsets.ISO_8859_1);
        if (left > size - position - Integer.BYTES) {
            throw new FormatException(
                    file,
                    "its chunk " + Text.quote(chunk) + " declares " + left + " bytes, but "
                            + Math.max(0, size - position) + " follow");
        }
        checksum.reset();
        checksum.update(head, Integer.BYTES, Integer.BYTES);
    }

    private void skipChunk() throws IOException {
        while (left > 0) {
            take(buffer, (int) Math.min(left, buffer.length));
        }
        endChunk();
    }

    private void endChunk() throws IOException {
        byte[] found = in.readNBytes(Integer.BYTES);
        position += found.length;
        if (found.length < Integer.BYTES || ByteBuffer.wrap(found).getInt() != (int) checksum.getValue()) {
            throw new FormatException(file, "its chunk " + Text.quote(chunk) + " is damaged: its checksum is wrong");
        }
    }

    private byte[] take(int count) throws IOException {
        byte[] bytes = new byte[count];
        take(bytes, count);
        return bytes;
    }

    private void take(byte[] to, int count) throws IOException {
        int got = in.readNBytes(to, 0, count);
        position += got;
        left -= got;
        if (got < count) {
            throw new FormatException(file, "ends within its chunk " + Text.quote(chunk), new EOFException());
        }
        checksum.update(to, 0, count);
    }

    @Override
    public void close() throws IOException {
        inflater.end();
        in.close();
    }
}
