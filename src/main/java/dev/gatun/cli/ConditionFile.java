package dev.gatun.cli;

import dev.gatun.Condition;
import dev.gatun.data.Split;
import dev.gatun.file.FormatException;
import dev.gatun.file.Idx;
import dev.gatun.file.Npy;
import dev.gatun.file.NpyArray;
import dev.gatun.file.Npz;
import java.io.IOException;
import java.nio.IntBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/** Reads conditions from files: a row for each example, or one for all. */
final class ConditionFile {
    private final Path file;
    private final NpyArray array;

    private ConditionFile(Path file, NpyArray array) {
        this.file = file;
        this.array = array;
    }

    /**
     * A {@code .npy} file, an IDX file, or the array of a {@code .npz} file that has the split's name, or the only one there.
     *
     * @throws FormatException if the file has several arrays, and none of that name
     */
    static ConditionFile open(Path file, Split split) throws IOException {
        String name = file.toString().toLowerCase(Locale.ROOT);
        if (isIdx(name)) {
            return new ConditionFile(file, idx(file));
        }
        if (!name.endsWith(".npz")) {
            return new ConditionFile(file, Npy.read(file));
        }
        try (Npz npz = Npz.open(file)) {
            boolean single = npz.keys().size() == 1;
            String key = single ? npz.keys().iterator().next() : split.text();
            if (!npz.keys().contains(key)) {
                throw new FormatException(
                        file,
                        "has no array '" + key + "' for that part of the data; there are "
                                + npz.keys().stream().sorted().toList());
            }
            return new ConditionFile(file, npz.read(key));
        }
    }

    private static boolean isIdx(String name) {
        String plain = name.endsWith(".gz") ? name.substring(0, name.length() - ".gz".length()) : name;
        return plain.endsWith("-ubyte") || plain.endsWith(".idx") || plain.endsWith(".idx1");
    }

    private static NpyArray idx(Path file) throws IOException {
        int[] shape = Idx.shape(file);
        int count = Arrays.stream(shape).reduce(1, Math::multiplyExact);
        IntBuffer values = IntBuffer.allocate(count);
        Idx.read(file, row -> {
            for (byte value : row) {
                values.put(value & 0xff);
            }
        });
        return NpyArray.ofInts(shape, values.array());
    }

    /** The classes of some examples. */
    int[] classes(Wanted wanted, int rows) throws IOException {
        checkShape(wanted, rows);
        int[] values = array.ints();
        for (int i = 0; i < values.length; i++) {
            if (values[i] < 0 || values[i] >= wanted.classes()) {
                throw new FormatException(
                        file, "found " + values[i] + " at [" + i + "], expected a class, 0.." + (wanted.classes() - 1));
            }
        }
        return repeated(values, rows);
    }

    /** One class after the other, from the first again as often as is needed. */
    static int[] repeated(int[] classes, int rows) {
        int[] all = new int[rows];
        for (int i = 0; i < rows; i++) {
            all[i] = classes[i % classes.length];
        }
        return all;
    }

    /** Some condition with the features of some examples. */
    Condition features(Condition with, Wanted wanted, int rows) throws IOException {
        checkShape(wanted, rows);
        int[] shape = array.shape();
        float[] given = array.floats();
        for (int i = 0; i < given.length; i++) {
            if (!Float.isFinite(given[i])) {
                throw new FormatException(
                        file, "found " + given[i] + " as value number " + i + ", expected finite ones");
            }
        }
        float[] values = Arrays.copyOf(given, Math.multiplyExact(rows, given.length / shape[0]));
        for (int at = given.length; at < values.length; at += given.length) {
            System.arraycopy(given, 0, values, at, given.length);
        }
        return with.withFrames(values, wanted.channels(), given.length / shape[0] / wanted.channels());
    }

    private void checkShape(Wanted wanted, int rows) throws FormatException {
        int[] found = array.shape();
        if (!wanted.fits(found) || (found[0] != rows && found[0] != 1)) {
            throw new FormatException(
                    file, "found the shape " + Arrays.toString(found) + ", expected " + wanted.expected(rows));
        }
    }
}
