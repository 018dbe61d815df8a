package dev.gatun.file;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A {@code .safetensors} file, mapped into memory. Opening it checks the whole header against the file's size: every
 * tensor lies inside the file, no two overlap, and no byte belongs to none. Reading may go on in several threads at
 * once.
 *
 * <p>The file must not be cut short by others while it is open; {@link AtomicFile} never does so.
 */
public final class Safetensors implements AutoCloseable {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfDouble DOUBLE =
            ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat NATIVE_FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

    private final Path path;
    private final SafetensorsHeader header;
    private final MemorySegment data;
    private final Arena arena;
    private final AtomicReference<@Nullable Throwable> closed = new AtomicReference<>();

    private Safetensors(Path path, SafetensorsHeader header, MemorySegment data, Arena arena) {
        this.path = path;
        this.header = header;
        this.data = data;
        this.arena = arena;
    }

    /** What the values of a tensor are; all that the format knows. */
    public enum Type {
        F64(64),
        F32(32),
        F16(16),
        BF16(16),
        I64(64),
        I32(32),
        I16(16),
        I8(8),
        U64(64),
        U32(32),
        U16(16),
        U8(8),
        BOOL(8),
        F8_E5M2(8),
        F8_E4M3(8),
        F8_E8M0(8),
        F6_E2M3(6),
        F6_E3M2(6),
        F4(4),
        C64(64);

        private final int bits;

        Type(int bits) {
            this.bits = bits;
        }

        /** The size of one value, in bits. */
        public int bits() {
            return bits;
        }
    }

    /**
     * One tensor, as the header has it.
     *
     * @param name its name
     * @param type what its values are
     * @param shape its sizes, outermost first; empty for a single value
     * @param offset where it begins, in bytes from the end of the header
     * @param bytes its length in bytes
     */
    @SuppressWarnings({"ArrayRecordComponent", "AvoidCommonTypeNames"
    }) // copied on the way in and out, and compared by content
    public record Info(String name, Type type, long[] shape, long offset, long bytes) {
        /** Copies the shape. */
        public Info {
            shape = shape.clone();
        }

        /** A copy of its sizes, outermost first. */
        @Override
        public long[] shape() {
            return shape.clone();
        }

        /** The number of values: the product of the shape. */
        public long count() {
            long count = 1;
            for (long size : shape) {
                count *= size; // cannot overflow: the reader has checked it against the file's size
            }
            return count;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Info that
                    && name.equals(that.name)
                    && type == that.type
                    && Arrays.equals(shape, that.shape)
                    && offset == that.offset
                    && bytes == that.bytes;
        }

        @Override
        public int hashCode() {
            return 31 * name.hashCode() + Arrays.hashCode(shape);
        }

        @Override
        public String toString() {
            return name + " " + type + Arrays.toString(shape);
        }
    }

    /**
     * Opens a file and checks its header.
     *
     * @param path the file
     * @return the open file; the caller closes it
     * @throws FormatException if it is no well-formed safetensors file
     * @throws IOException if it cannot be read
     */
    public static Safetensors open(Path path) throws IOException {
        if (!Files.exists(path)) {
            throw new NoSuchFileException(path.toString(), null, "no such file");
        }
        if (!Files.isRegularFile(path)) {
            throw new FormatException(path, "is not a regular file");
        }
        Arena arena = Arena.ofShared();
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            long size = channel.size();
            if (size < Long.BYTES) {
                throw tooShort(path, size);
            }
            MemorySegment file = channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena);
            SafetensorsHeader header = SafetensorsHeader.read(path, file);
            return new Safetensors(path, header, file.asSlice(size - header.dataBytes()), arena);
        } catch (Throwable failure) {
            arena.close();
            throw failure;
        }
    }

    /**
     * Takes bytes that are in memory already, such as a resource of a jar, for the contents of a file.
     *
     * @param name what messages call it
     * @param bytes the whole file; not to be changed while it is open
     * @return the open file; the caller closes it
     * @throws FormatException if it is no well-formed safetensors file
     */
    public static Safetensors of(Path name, byte[] bytes) throws FormatException {
        if (bytes.length < Long.BYTES) {
            throw tooShort(name, bytes.length);
        }
        MemorySegment file = MemorySegment.ofArray(bytes).asReadOnly();
        SafetensorsHeader header = SafetensorsHeader.read(name, file);
        return new Safetensors(name, header, file.asSlice(bytes.length - header.dataBytes()), Arena.ofShared());
    }

    private static FormatException tooShort(Path path, long size) {
        return new FormatException(
                path, "has " + size + " bytes; a safetensors file begins with 8 that hold its header's length");
    }

    /** The file that was opened. */
    public Path path() {
        return path;
    }

    /** The header's {@code __metadata__}, in its order; empty if there is none. Read-only. */
    public Map<String, String> metadata() {
        checkOpen();
        return header.metadata();
    }

    /** The tensors by name, in the header's order. Read-only. */
    public SequencedMap<String, Info> tensors() {
        checkOpen();
        return header.tensors();
    }

    /**
     * Reads a tensor of F32, F64, F16 or BF16, converted to float32 (a value beyond its range becomes infinite).
     *
     * @param name the tensor's name
     * @return its values, row-major
     * @throws FormatException if there is no such tensor, or it is of another type
     */
    public float[] floats(String name) throws FormatException {
        Info info = floatInfo(name);
        float[] values = new float[arrayLength(info)];
        convert(info, MemorySegment.ofArray(values));
        return values;
    }

    /**
     * Reads a tensor of F32, F64, F16 or BF16 into memory, converted to float32.
     *
     * @param name the tensor's name
     * @param into where to put the values, row-major, in native byte order; of exactly their size
     * @throws FormatException if there is no such tensor, or it is of another type
     */
    public void floats(String name, MemorySegment into) throws FormatException {
        Info info = floatInfo(name);
        if (into.byteSize() / Float.BYTES != info.count() || into.byteSize() % Float.BYTES != 0) {
            throw new IllegalArgumentException(path + ": tensor " + Text.quote(name) + " has " + info.count()
                    + " values, a segment of " + into.byteSize() + " bytes holds " + into.byteSize() / 4.0);
        }
        convert(info, into);
    }

    /**
     * Reads a tensor of I64.
     *
     * @param name the tensor's name
     * @return its values, row-major
     * @throws FormatException if there is no such tensor, or it is of another type
     */
    public long[] longs(String name) throws FormatException {
        Info info = info(name);
        if (info.type() != Type.I64) {
            throw new FormatException(path, "tensor " + Text.quote(name) + " is " + info.type() + ", expected I64");
        }
        long[] values = new long[arrayLength(info)];
        MemorySegment.copy(bytes(info), LONG, 0, values, 0, values.length);
        return values;
    }

    /**
     * A tensor's bytes as they lie in the file: little-endian, row-major, at any alignment.
     *
     * @param name the tensor's name
     * @return a read-only view, valid until this file is closed
     * @throws FormatException if there is no such tensor
     */
    public MemorySegment raw(String name) throws FormatException {
        return bytes(info(name));
    }

    /** Unmaps the file. Closing twice is fine; views handed out must not be used any more. */
    @Override
    public void close() {
        if (closed.compareAndSet(null, new Throwable("closed here"))) {
            arena.close();
        }
    }

    private void checkOpen() {
        Throwable where = closed.get();
        if (where != null) {
            throw new IllegalStateException(path + ": used after it was closed", where);
        }
    }

    private Info info(String name) throws FormatException {
        checkOpen();
        Info info = header.tensors().get(name);
        if (info == null) {
            throw new FormatException(path, "has no tensor " + Text.quote(name));
        }
        return info;
    }

    private Info floatInfo(String name) throws FormatException {
        Info info = info(name);
        switch (info.type()) {
            case F32, F64, F16, BF16 -> {}
            default ->
                throw new FormatException(
                        path, "tensor " + Text.quote(name) + " is " + info.type() + ", expected F32, F64, F16 or BF16");
        }
        return info;
    }

    private int arrayLength(Info info) throws FormatException {
        long count = info.count();
        if (count > Integer.MAX_VALUE - 8) {
            throw new FormatException(
                    path, "tensor " + Text.quote(info.name()) + " has " + count + " values, too many for an array");
        }
        return (int) count;
    }

    private MemorySegment bytes(Info info) {
        return data.asSlice(info.offset(), info.bytes());
    }

    private void convert(Info info, MemorySegment into) {
        MemorySegment from = bytes(info);
        long count = info.count();
        switch (info.type()) {
            case F64 -> {
                for (long i = 0; i < count; i++) {
                    into.setAtIndex(NATIVE_FLOAT, i, (float) from.getAtIndex(DOUBLE, i));
                }
            }
            case F16 -> {
                for (long i = 0; i < count; i++) {
                    into.setAtIndex(NATIVE_FLOAT, i, Float.float16ToFloat(from.getAtIndex(SHORT, i)));
                }
            }
            case BF16 -> {
                for (long i = 0; i < count; i++) {
                    into.setAtIndex(NATIVE_FLOAT, i, Float.intBitsToFloat(from.getAtIndex(SHORT, i) << 16));
                }
            }
            default -> MemorySegment.copy(from, FLOAT, 0, into, NATIVE_FLOAT, 0, count);
        }
    }
}
