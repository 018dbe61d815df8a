package dev.gatun.cli;

import dev.gatun.file.AtomicFile;
import dev.gatun.file.Npy;
import dev.gatun.file.NpyArray.DType;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;

/** Writes an array to a {@code .npy} file while it is being made, so that only a piece of it is in memory. */
final class NpyRows {
    private final OutputStream out;
    private long left;

    /** Makes the array's values, in their order. */
    interface Body {
        void write(NpyRows rows) throws IOException;
    }

    private NpyRows(OutputStream out, int[] shape) {
        this.out = out;
        this.left = Arrays.stream(shape).mapToLong(size -> size).reduce(1, Math::multiplyExact);
    }

    /** Writes a file, whole or not at all. */
    static void write(Path file, DType type, int[] shape, Body body) throws IOException {
        AtomicFile.write(file, out -> {
            NpyRows rows = new NpyRows(out, shape);
            Npy.writeHeader(out, type, shape);
            body.write(rows);
            if (rows.left != 0) {
                throw new IllegalStateException(file + ": " + rows.left + " values are missing");
            }
        });
    }

    void put(int[] values) throws IOException {
        byte[] bytes = allocate(values.length);
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().put(values);
        out.write(bytes);
    }

    void put(float[] values) throws IOException {
        byte[] bytes = allocate(values.length);
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(values);
        out.write(bytes);
    }

    private byte[] allocate(int values) {
        left -= values;
        return new byte[Math.multiplyExact(values, Integer.BYTES)];
    }
}
