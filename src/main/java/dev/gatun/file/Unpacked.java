package dev.gatun.file;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * A file's bytes from its beginning, unpacked where its first bytes say that it is gzip. Damage to the compression is a {@link
 * FormatException}. How many bytes can come at most is known before any is read, so that a length that a header declares can be
 * held against it; what comes is read by pieces, so that a file that unpacks without end costs time for as long as it is wanted
 * and never memory.
 */
final class Unpacked implements AutoCloseable {
    /** No deflate stream expands further (RFC 1951: 258 bytes from 2 bits), give or take its framing. */
    static final long MOST_EXPANSION = 1032;

    private static final int BUFFER_BYTES = 1 << 16;

    private final Path file;
    private final InputStream in;
    private final long most;
    private long position;

    private Unpacked(Path file, InputStream in, long most) {
        this.file = file;
        this.in = in;
        this.most = most;
    }

    static Unpacked open(Path file) throws IOException {
        requireFile(file);
        long size = Files.size(file);
        InputStream raw = new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES);
        try {
            raw.mark(2);
            boolean gzip = raw.read() == 0x1f && raw.read() == 0x8b;
            raw.reset();
            return gzip
                    ? new Unpacked(file, new GZIPInputStream(raw, BUFFER_BYTES), (size + 1) * MOST_EXPANSION)
                    : new Unpacked(file, raw, size);
        } catch (ZipException | EOFException e) {
            raw.close();
            throw damaged(file, e);
        } catch (Throwable failure) {
            raw.close();
            throw failure;
        }
    }

    /** Demands that there is a regular file. */
    static void requireFile(Path file) throws IOException {
        if (!Files.exists(file)) {
            throw new NoSuchFileException(file.toString(), null, "no such file");
        }
        if (!Files.isRegularFile(file)) {
            throw new FormatException(file, "is not a regular file");
        }
    }

    private static FormatException damaged(Path file, IOException e) {
        return new FormatException(file, "is a damaged gzip file: " + e.getMessage(), e);
    }

    /** How many bytes can come at most, those that have been read included. */
    long most() {
        return most;
    }

    /** How many bytes have been read. */
    long position() {
        return position;
    }

    /** The next byte, or -1 at the end. */
    int read() throws IOException {
        try {
            int next = in.read();
            position += next < 0 ? 0 : 1;
            return next;
        } catch (ZipException | EOFException e) {
            throw damaged(file, e);
        }
    }

    /** Reads as many bytes as an array holds, or up to the end; returns how many. */
    int read(byte[] to) throws IOException {
        try {
            int count = in.readNBytes(to, 0, to.length);
            position += count;
            return count;
        } catch (ZipException | EOFException e) {
            throw damaged(file, e);
        }
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
