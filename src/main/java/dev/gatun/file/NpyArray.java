package dev.gatun.file;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * An array of a {@code .npy} file: a type, a shape, and values in row-major order, whatever order the file had.
 * Immutable.
 */
public final class NpyArray {
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle FLOAT = MethodHandles.byteArrayViewVarHandle(float[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle DOUBLE =
            MethodHandles.byteArrayViewVarHandle(double[].class, ByteOrder.LITTLE_ENDIAN);
    private static final Path IN_MEMORY = Path.of("array in memory");

    private final Path source;
    private final DType type;
    private final int[] shape;
    private final byte[] data;

    /** Takes over the shape and the little-endian, row-major data; the reader has checked that they agree. */
    NpyArray(Path source, DType type, int[] shape, byte[] data) {
        this.source = source;
        this.type = type;
        this.shape = shape;
        this.data = data;
    }

    /** What the values are. */
    public enum DType {
        BOOL("b1"),
        I8("i1"),
        I16("i2"),
        I32("i4"),
        I64("i8"),
        U8("u1"),
        U16("u2"),
        U32("u4"),
        U64("u8"),
        F16("f2"),
        F32("f4"),
        F64("f8");

        private final String code;

        DType(String code) {
            this.code = code;
        }

        /** The size of one value, in bytes. */
        public int bytes() {
            return code.charAt(1) - '0';
        }

        /** NumPy's code for the type, without byte order. */
        String code() {
            return code;
        }

        boolean isFloat() {
            return code.charAt(0) == 'f';
        }
    }

    /**
     * An array of float32.
     *
     * @param shape its sizes, outermost first
     * @param values its values, row-major; copied
     * @return the array
     * @throws IllegalArgumentException if the shape is not that of the values
     */
    public static NpyArray ofFloats(int[] shape, float[] values) {
        byte[] data = allocate(DType.F32, shape, values.length);
        for (int i = 0; i < values.length; i++) {
            FLOAT.set(data, i * Float.BYTES, values[i]);
        }
        return new NpyArray(IN_MEMORY, DType.F32, shape.clone(), data);
    }

    /**
     * An array of 32-bit whole numbers.
     *
     * @param shape its sizes, outermost first
     * @param values its values, row-major; copied
     * @return the array
     * @throws IllegalArgumentException if the shape is not that of the values
     */
    public static NpyArray ofInts(int[] shape, int[] values) {
        byte[] data = allocate(DType.I32, shape, values.length);
        for (int i = 0; i < values.length; i++) {
            INT.set(data, i * Integer.BYTES, values[i]);
        }
        return new NpyArray(IN_MEMORY, DType.I32, shape.clone(), data);
    }

    /**
     * An array of 64-bit whole numbers.
     *
     * @param shape its sizes, outermost first
     * @param values its values, row-major; copied
     * @return the array
     * @throws IllegalArgumentException if the shape is not that of the values
     */
    public static NpyArray ofLongs(int[] shape, long[] values) {
        byte[] data = allocate(DType.I64, shape, values.length);
        for (int i = 0; i < values.length; i++) {
            LONG.set(data, i * Long.BYTES, values[i]);
        }
        return new NpyArray(IN_MEMORY, DType.I64, shape.clone(), data);
    }

    /** What the values are in the file. */
    public DType type() {
        return type;
    }

    /** A copy of the sizes, outermost first; empty for a single value. */
    public int[] shape() {
        return shape.clone();
    }

    /** The number of values. */
    public int count() {
        return data.length / type.bytes();
    }

    /** The values as float32, row-major, rounded to nearest where they do not fit; true is 1. A new array. */
    public float[] floats() {
        float[] values = new float[count()];
        for (int i = 0; i < values.length; i++) {
            values[i] = switch (type) {
                case F16 -> Float.float16ToFloat((short) SHORT.get(data, 2 * i));
                case F32 -> (float) FLOAT.get(data, 4 * i);
                case F64 -> (float) (double) DOUBLE.get(data, 8 * i);
                case U64 -> unsigned((long) LONG.get(data, 8 * i));
                default -> (float) whole(i);
            };
        }
        return values;
    }

    /**
     * The values as 32-bit whole numbers, row-major; true is 1. A new array.
     *
     * @throws FormatException if the type is a floating-point one, or a value is out of an int's range
     */
    public int[] ints() throws FormatException {
        requireWhole();
        int[] values = new int[count()];
        for (int i = 0; i < values.length; i++) {
            long value = whole(i);
            if (value != (int) value) {
                throw outOfRange(i, value, "a 32-bit whole number");
            }
            values[i] = (int) value;
        }
        return values;
    }

    /**
     * The values as 64-bit whole numbers, row-major; true is 1. A new array.
     *
     * @throws FormatException if the type is a floating-point one, or a value is out of a long's range
     */
    public long[] longs() throws FormatException {
        requireWhole();
        long[] values = new long[count()];
        for (int i = 0; i < values.length; i++) {
            values[i] = whole(i);
            if (type == DType.U64 && values[i] < 0) {
                throw outOfRange(i, values[i], "a 64-bit whole number");
            }
        }
        return values;
    }

    /**
     * The values of a type of one byte, row-major. A new array.
     *
     * @throws FormatException if values are of another type than U8, I8 or BOOL
     */
    public byte[] bytes() throws FormatException {
        if (type.bytes() != 1) {
            throw new FormatException(source, "holds " + type + ", expected values of one byte");
        }
        return data.clone();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof NpyArray that
                && type == that.type
                && Arrays.equals(shape, that.shape)
                && Arrays.equals(data, that.data);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(shape) + Arrays.hashCode(data);
    }

    @Override
    public String toString() {
        return type + Arrays.toString(shape);
    }

    /** The values as a file of version 1.0 holds them; not to be changed. */
    byte[] data() {
        return data;
    }

    /** Reverses the bytes of each value of {@code unit} bytes in a range. */
    static void swapBytes(byte[] bytes, int from, int to, int unit) {
        for (int i = from; i + unit <= to; i += unit) {
            for (int low = i, high = i + unit - 1; low < high; low++, high--) {
                byte kept = bytes[low];
                bytes[low] = bytes[high];
                bytes[high] = kept;
            }
        }
    }

    /** A value of a type that is no float; of U64 the bits. */
    private long whole(int i) {
        return switch (type) {
            case BOOL -> data[i] != 0 ? 1 : 0;
            case I8 -> data[i];
            case U8 -> data[i] & 0xff;
            case I16 -> (short) SHORT.get(data, 2 * i);
            case U16 -> (short) SHORT.get(data, 2 * i) & 0xffff;
            case I32 -> (int) INT.get(data, 4 * i);
            case U32 -> (int) INT.get(data, 4 * i) & 0xffff_ffffL;
            case I64, U64 -> (long) LONG.get(data, 8 * i);
            case F16, F32, F64 -> throw new AssertionError(type);
        };
    }

    private static float unsigned(long bits) {
        // Halving keeps the lost bit sticky, so that the conversion rounds as one of the whole value would.
        return bits >= 0 ? (float) bits : (float) ((bits >>> 1) | (bits & 1)) * 2;
    }

    private void requireWhole() throws FormatException {
        if (type.isFloat()) {
            throw new FormatException(source, "holds " + type + ", expected whole numbers");
        }
    }

    private FormatException outOfRange(int index, long value, String range) {
        String shown = type == DType.U64 ? Long.toUnsignedString(value) : Long.toString(value);
        return new FormatException(source, "value number " + index + " is " + shown + ", which is not " + range);
    }

    private static byte[] allocate(DType type, int[] shape, int count) {
        long product = 1;
        for (int size : shape) {
            if (size < 0) {
                throw new IllegalArgumentException("negative size in shape " + Arrays.toString(shape));
            }
            product = Math.min(product * size, 1L << 31); // beyond that no array goes, nor need the count
        }
        if (shape.length > NpyHeader.MOST_DIMENSIONS || product != count) {
            throw new IllegalArgumentException("shape " + Arrays.toString(shape) + " has " + product + " values in "
                    + shape.length + " dimensions (at most " + NpyHeader.MOST_DIMENSIONS + "), given are " + count);
        }
        if ((long) count * type.bytes() > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException(count + " values of " + type + " are more than 2 GiB");
        }
        return new byte[count * type.bytes()];
    }
}
