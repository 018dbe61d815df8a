package dev.gatun.file;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Reads IDX files of unsigned bytes, the format of MNIST: two zero bytes, a type, the number of dimensions, a big-endian 32-bit
 * size for each, and the values, row-major. Plain or gzip, which is seen by the first bytes.
 */
public final class Idx {
    private static final int UNSIGNED_BYTE = 0x08;
    private static final int MOST_DIMENSIONS = 4;
    private static final int ROW_BYTES = 1 << 26;

    private Idx() {}

    /**
     * The sizes that a file declares, which are held against its length.
     *
     * @throws FormatException if it is no IDX file of bytes
     * @throws IOException if it cannot be read
     */
    public static int[] shape(Path file) throws IOException {
        try (Unpacked in = Unpacked.open(file)) {
            return header(file, in);
        }
    }

    /**
     * Reads a file.
     *
     * @param file plain or gzip
     * @param sink takes each of the things that the first dimension counts: an image, a label
     * @return its sizes, outermost first
     * @throws FormatException if it is no IDX file of bytes, or is shorter or longer than its header says
     * @throws IOException if it cannot be read
     */
    public static int[] read(Path file, RowSink sink) throws IOException {
        try (Unpacked in = Unpacked.open(file)) {
            int[] shape = header(file, in);
            int width = 1;
            for (int d = 1; d < shape.length; d++) {
                width *= shape[d];
            }
            byte[] row = new byte[width];
            for (int n = 0; n < shape[0]; n++) {
                if (in.read(row) < width) {
                    throw new FormatException(
                            file,
                            "ends after " + in.position() + " bytes, within row " + n + " of the "
                                    + Arrays.toString(shape) + " that its header declares");
                }
                sink.row(row);
            }
            if (in.read() >= 0) {
                throw new FormatException(
                        file, "goes on after the " + Arrays.toString(shape) + " values that its header declares");
            }
            return shape;
        }
    }

    private static int[] header(Path file, Unpacked in) throws IOException {
        byte[] magic = new byte[Integer.BYTES];
        if (in.read(magic) < magic.length || magic[0] != 0 || magic[1] != 0) {
            throw new FormatException(file, "does not begin with two zero bytes: no IDX file");
        }
        if (magic[2] != UNSIGNED_BYTE) {
            throw new FormatException(
                    file,
                    "holds values of the IDX type 0x%02x, expected 0x08 (unsigned bytes)".formatted(magic[2] & 0xff));
        }
        int dimensions = magic[3] & 0xff;
        if (dimensions < 1 || dimensions > MOST_DIMENSIONS) {
            throw new FormatException(file, "declares " + dimensions + " dimensions, expected 1.." + MOST_DIMENSIONS);
        }
        return sizes(file, in, dimensions);
    }

    private static int[] sizes(Path file, Unpacked in, int dimensions) throws IOException {
        byte[] bytes = new byte[dimensions * Integer.BYTES];
        if (in.read(bytes) < bytes.length) {
            throw new FormatException(file, "ends within its header");
        }
        int[] shape = new int[dimensions];
        long rest = in.most() - in.position();
        long row = 1;
        for (int d = dimensions - 1; d >= 0; d--) {
            long size = 0;
            for (int i = 0; i < Integer.BYTES; i++) {
                size = size << Byte.SIZE | (bytes[d * Integer.BYTES + i] & 0xff);
            }
            if (size > Integer.MAX_VALUE || size < 1 || size > rest / row || (d > 0 && row * size > ROW_BYTES)) {
                throw new FormatException(
                        file,
                        "declares a size of " + size + " in dimension " + d + ", but at most " + rest
                                + " bytes follow (and a row has at most " + ROW_BYTES + ")");
            }
            shape[d] = (int) size;
            row *= size;
        }
        return shape;
    }
}
