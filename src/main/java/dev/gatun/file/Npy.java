package dev.gatun.file;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.Function;

/**
 * Reads and writes {@code .npy} files: versions 1, 2 and 3 of the format, booleans, whole and floating-point numbers of
 * either byte order, row- or column-major. Python objects, strings, complex numbers and structured arrays are refused.
 */
public final class Npy {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final int MOST_HEADER_BYTES = 1 << 16;
    private static final int ALIGNMENT = 64;

    private Npy() {}

    /**
     * Reads a file.
     *
     * @param file the file
     * @return its array
     * @throws FormatException if it is no well-formed file, or its length is not what its header says
     * @throws IOException if it cannot be read
     */
    public static NpyArray read(Path file) throws IOException {
        if (!Files.exists(file)) {
            throw new NoSuchFileException(file.toString(), null, "no such file");
        }
        if (!Files.isRegularFile(file)) {
            throw new FormatException(file, "is not a regular file");
        }
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            return read(in, file, Files.size(file), problem -> new FormatException(file, problem));
        }
    }

    /**
     * Reads a stream to its end.
     *
     * @param in the stream; not closed
     * @param name what error messages call it
     * @param size how many bytes it has; a bound on what is allocated, and checked
     * @return its array
     * @throws FormatException if it is not well-formed, or its length is not what its header or {@code size} says
     * @throws IOException if it cannot be read
     */
    public static NpyArray read(InputStream in, String name, long size) throws IOException {
        Path source = FormatException.nameOfStream(name);
        return read(in, source, size, problem -> new FormatException(source, problem));
    }

    /**
     * Writes a file as NumPy does, replacing it whole or not at all (see {@link AtomicFile}).
     *
     * @param file the file
     * @param array what to write
     * @throws IOException if it cannot be written; what was there is then intact
     */
    public static void write(Path file, NpyArray array) throws IOException {
        AtomicFile.write(file, out -> write(out, array));
    }

    /**
     * Writes an array to a stream as NumPy does.
     *
     * @param out the stream; neither flushed nor closed
     * @param array what to write
     * @throws IOException if the stream fails
     */
    public static void write(OutputStream out, NpyArray array) throws IOException {
        writeHeader(out, array.type(), array.shape());
        out.write(array.data());
    }

    /**
     * Writes what comes before the values of an array: for arrays that are written piece by piece, the caller following with
     * the values, little-endian and row-major.
     *
     * @param out the stream; neither flushed nor closed
     * @throws IOException if the stream fails
     */
    public static void writeHeader(OutputStream out, NpyArray.DType type, int[] shape) throws IOException {
        byte[] header = NpyHeader.write(type, shape).getBytes(StandardCharsets.US_ASCII);
        int prefix = MAGIC.length + 2 + Short.BYTES;
        int length = Math.ceilDiv(prefix + header.length + 1, ALIGNMENT) * ALIGNMENT - prefix;
        ByteBuffer buffer = ByteBuffer.allocate(prefix + length).order(ByteOrder.LITTLE_ENDIAN);
        buffer.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) length).put(header);
        while (buffer.remaining() > 1) {
            buffer.put((byte) ' ');
        }
        out.write(buffer.put((byte) '\n').array());
    }

    static NpyArray read(InputStream in, Path source, long size, Function<String, FormatException> fail)
            throws IOException {
        byte[] prefix = in.readNBytes(MAGIC.length + 2);
        if (prefix.length < MAGIC.length + 2 || !startsWithMagic(prefix)) {
            throw fail.apply("does not begin with \\x93NUMPY and a version: no .npy file");
        }
        int version = prefix[MAGIC.length];
        if (version < 1 || version > 3 || prefix[MAGIC.length + 1] != 0) {
            throw fail.apply(
                    "is of version " + version + "." + prefix[MAGIC.length + 1] + ", expected 1.0, 2.0 or 3.0");
        }
        int lengthBytes = version == 1 ? Short.BYTES : Integer.BYTES;
        long begin = (long) prefix.length + lengthBytes;
        long headerBytes = headerLength(in, lengthBytes, fail);
        if (headerBytes > MOST_HEADER_BYTES || headerBytes > size - begin) {
            throw fail.apply("has a header of " + headerBytes + " bytes, but only " + (size - begin)
                    + " follow (and a header has at most " + MOST_HEADER_BYTES + ")");
        }
        NpyHeader header = header(in, (int) headerBytes, version, fail);
        return new NpyArray(source, header.type(), header.sizes(), data(in, header, size - begin - headerBytes, fail));
    }

    private static boolean startsWithMagic(byte[] prefix) {
        for (int i = 0; i < MAGIC.length; i++) {
            if (prefix[i] != MAGIC[i]) {
                return false;
            }
        }
        return true;
    }

    private static long headerLength(InputStream in, int bytes, Function<String, FormatException> fail)
            throws IOException {
        byte[] length = in.readNBytes(bytes);
        if (length.length < bytes) {
            throw fail.apply("ends within the length of its header");
        }
        long value = 0;
        for (int i = bytes - 1; i >= 0; i--) {
            value = value << 8 | (length[i] & 0xff);
        }
        return value;
    }

    private static NpyHeader header(InputStream in, int length, int version, Function<String, FormatException> fail)
            throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw fail.apply("ends within its header, after " + bytes.length + " of " + length + " bytes");
        }
        try {
            return NpyHeader.parse(version == 3 ? Text.utf8(bytes) : new String(bytes, StandardCharsets.ISO_8859_1));
        } catch (CharacterCodingException e) {
            throw fail.apply("header is not UTF-8");
        } catch (NpyHeader.Malformed e) {
            throw fail.apply(String.valueOf(e.getMessage()));
        }
    }

    private static byte[] data(InputStream in, NpyHeader header, long rest, Function<String, FormatException> fail)
            throws IOException {
        long expected = header.bytes();
        if (expected != rest) {
            throw fail.apply("has " + rest + " bytes after its header, but " + header.type() + " of shape "
                    + header.shape() + " takes " + (expected < 0 ? "more than 2^63" : expected));
        }
        byte[] data = allocate(expected, fail);
        int read = in.readNBytes(data, 0, data.length);
        if (read < data.length) {
            throw fail.apply("ends after " + read + " of " + expected + " bytes of data");
        }
        if (in.read() >= 0) {
            throw fail.apply("goes on after its " + expected + " bytes of data");
        }
        if (header.bigEndian()) {
            NpyArray.swapBytes(data, 0, data.length, header.type().bytes());
        }
        return header.fortranOrder() && header.shape().size() > 1 ? transpose(data, header, fail) : data;
    }

    private static byte[] allocate(long bytes, Function<String, FormatException> fail) throws FormatException {
        if (bytes > Integer.MAX_VALUE - 8) {
            throw fail.apply("has " + bytes + " bytes of data, more than the 2 GiB that are supported");
        }
        try {
            return new byte[(int) bytes];
        } catch (OutOfMemoryError e) {
            // One allocation that failed as a whole: nothing is lost, and the reader can be told.
            throw fail.apply("has " + bytes + " bytes of data, more than Java's heap has room for");
        }
    }

    /** Column-major to row-major. Walks the target in order and counts up the index, the last dimension fastest. */
    private static byte[] transpose(byte[] from, NpyHeader header, Function<String, FormatException> fail)
            throws FormatException {
        int[] shape = header.sizes();
        int unit = header.type().bytes();
        int[] stride = new int[shape.length];
        for (int d = 0, step = unit; d < shape.length; step *= shape[d++]) {
            stride[d] = step;
        }
        byte[] to = allocate(from.length, fail);
        int[] index = new int[shape.length];
        int source = 0;
        for (int target = 0; target < to.length; target += unit) {
            System.arraycopy(from, source, to, target, unit);
            for (int d = shape.length - 1; d >= 0; d--) {
                source += stride[d];
                if (++index[d] < shape[d]) {
                    break;
                }
                source -= stride[d] * shape[d];
                index[d] = 0;
            }
        }
        return to;
    }
}
