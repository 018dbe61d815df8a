package dev.gatun.convert;

import dev.gatun.file.FormatException;
import dev.gatun.file.NpyArray;
import dev.gatun.file.Npz;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** The arrays of a file, by name and with the shapes that are expected. */
public final class NamedArrays implements AutoCloseable {
    private final Path file;
    private final Npz npz;

    private NamedArrays(Path file, Npz npz) {
        this.file = file;
        this.npz = npz;
    }

    /**
     * Opens a file.
     *
     * @throws FormatException if it is no {@code .npz}
     */
    static NamedArrays open(Path file) throws IOException {
        return new NamedArrays(file, Npz.open(file));
    }

    /** All names, sorted. */
    public List<String> names() {
        return npz.keys().stream().sorted().toList();
    }

    boolean has(String name) {
        return npz.keys().contains(name);
    }

    /**
     * The shape of an array.
     *
     * @param dimensions how many sizes it must have
     * @throws FormatException if there is no such array, or it has another number of sizes
     */
    int[] shape(String name, int dimensions) throws IOException {
        int[] shape = array(name).shape();
        if (shape.length != dimensions || Arrays.stream(shape).anyMatch(size -> size < 1)) {
            throw refuse(
                    name,
                    "found the shape " + Arrays.toString(shape) + ", expected " + dimensions + " sizes of at least 1");
        }
        return shape;
    }

    /**
     * The values of an array of numbers.
     *
     * @throws FormatException if there is no such array, it has another shape, or a value is not finite
     */
    float[] floats(String name, int... shape) throws IOException {
        NpyArray array = array(name);
        if (!Arrays.equals(array.shape(), shape)) {
            throw refuse(
                    name, "found the shape " + Arrays.toString(array.shape()) + ", expected " + Arrays.toString(shape));
        }
        float[] values = array.floats();
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                throw refuse(name, "found " + values[i] + " at " + i + ", expected finite numbers");
            }
        }
        return values;
    }

    /**
     * The values of an array of whole numbers.
     *
     * @throws FormatException if there is no such array, or it has another shape
     */
    int[] ints(String name, int... shape) throws IOException {
        NpyArray array = array(name);
        if (!Arrays.equals(array.shape(), shape)) {
            throw refuse(
                    name, "found the shape " + Arrays.toString(array.shape()) + ", expected " + Arrays.toString(shape));
        }
        return array.ints();
    }

    FormatException refuse(String name, String why) {
        return new FormatException(file, "array '" + name + "': " + why);
    }

    private NpyArray array(String name) throws IOException {
        if (!has(name)) {
            throw new FormatException(file, "has no array '" + name + "'; there are " + names());
        }
        return npz.read(name);
    }

    @Override
    public void close() throws IOException {
        npz.close();
    }
}
