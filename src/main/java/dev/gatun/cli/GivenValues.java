package dev.gatun.cli;

import dev.gatun.family.DataSpec;
import dev.gatun.file.FormatException;
import dev.gatun.file.Npy;
import dev.gatun.file.NpyArray;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.IntPredicate;

/** Which values of an example are known, by what {@code --given} says. */
final class GivenValues {
    private static final String OPTION = "--given";
    private static final String TOP = "top:";
    private static final String LEFT = "left:";
    private static final String FIRST = "first:";

    private GivenValues() {}

    /**
     * Marks in the layout of the data.
     *
     * @param text {@code top:ROWS}, {@code left:COLUMNS}, {@code first:VALUES} or a .npy file
     * @param length values of an example
     */
    static boolean[] parse(String text, DataSpec data, int length) throws IOException {
        if (text.startsWith(TOP)) {
            DataSpec.Image image = image(data, length);
            int rows = number(text, TOP, image.height() - 1, "rows");
            return marks(image, pixel -> pixel / image.width() < rows);
        }
        if (text.startsWith(LEFT)) {
            DataSpec.Image image = image(data, length);
            int columns = number(text, LEFT, image.width() - 1, "columns");
            return marks(image, pixel -> pixel % image.width() < columns);
        }
        if (text.startsWith(FIRST)) {
            return first(text, data, length);
        }
        if (text.toLowerCase(Locale.ROOT).endsWith(".npy")) {
            return file(Path.of(text), data, length);
        }
        throw new UsageException(
                OPTION + ": found '" + text + "', expected top:ROWS, left:COLUMNS, first:VALUES" + " or a .npy file");
    }

    private static boolean[] first(String text, DataSpec data, int length) {
        if (data instanceof DataSpec.Image) {
            throw new UsageException(OPTION + ": first values are of sequences, and this model's data are of kind \""
                    + data.kind() + "\"; expected top:ROWS, left:COLUMNS or a .npy file");
        }
        boolean[] marks = new boolean[length];
        Arrays.fill(marks, 0, number(text, FIRST, length - 1, "values"), true);
        return marks;
    }

    private static DataSpec.Image image(DataSpec data, int length) {
        return PictureGrid.imageOf(data, length)
                .orElseThrow(() -> new UsageException(OPTION + ": rows and columns are of images, and this model's data"
                        + " are of kind \"" + data.kind() + "\"; expected a .npy file"));
    }

    private static int number(String text, String key, int most, String what) {
        String digits = text.substring(key.length());
        if (!digits.matches("[0-9]{1,9}") || Integer.parseInt(digits) < 1 || Integer.parseInt(digits) > most) {
            throw new UsageException(
                    OPTION + ": found '" + digits + "' " + what + " in '" + text + "', expected 1.." + most);
        }
        return Integer.parseInt(digits);
    }

    private static boolean[] marks(DataSpec.Image image, IntPredicate known) {
        int pixels = image.height() * image.width();
        boolean[] marks = new boolean[image.channels() * pixels];
        for (int i = 0; i < marks.length; i++) {
            marks[i] = known.test(i % pixels);
        }
        return marks;
    }

    /** 1 where a value is known, for each pixel or each value. */
    private static boolean[] file(Path file, DataSpec data, int length) throws IOException {
        NpyArray array = Npy.read(file);
        int[] shape = array.shape();
        int[] whole = data.exampleShape(length);
        int[] pixels = data instanceof DataSpec.Image image ? new int[] {image.height(), image.width()} : whole;
        if (!Arrays.equals(shape, whole) && !Arrays.equals(shape, pixels)) {
            throw new FormatException(
                    file,
                    "found the shape " + Arrays.toString(shape) + ", expected " + Arrays.toString(pixels)
                            + (pixels.length == whole.length ? "" : " or " + Arrays.toString(whole))
                            + ", 1 where a value is known");
        }
        int[] values = array.ints();
        boolean[] marks = new boolean[length];
        for (int i = 0; i < marks.length; i++) {
            int value = values[i % values.length];
            if (value != 0 && value != 1) {
                throw new FormatException(
                        file, "found " + value + " as value number " + i + ", expected 1 where known, else 0");
            }
            marks[i] = value == 1;
        }
        return marks;
    }
}
