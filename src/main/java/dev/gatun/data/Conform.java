package dev.gatun.data;

import dev.gatun.Examples;
import dev.gatun.family.DataSpec;
import dev.gatun.file.FormatException;
import dev.gatun.file.NpyArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Makes examples of an array, if its shape and its values are what the data of a model are. */
final class Conform {
    private final NamedArray from;
    private final DataSpec data;
    private final int[] shape;

    private Conform(NamedArray from, DataSpec data) {
        this.from = from;
        this.data = data;
        this.shape = from.array().shape();
    }

    /**
     * Examples of an array; rows of bits are unpacked where the data have two levels and rows are just as wide as that takes.
     *
     * @param notes is told of it
     * @throws FormatException saying what was found where, and what was expected
     */
    static Examples examples(NamedArray from, DataSpec data, Consumer<String> notes) throws FormatException {
        Conform conform = new Conform(from, data);
        if (!conform.packed()) {
            return conform.examples();
        }
        int length = data.length().orElseThrow();
        notes.accept(from.name() + ": is bit-packed, " + PackedBits.rowBytes(length) + " bytes a row for " + length
                + " values of 0 or 1");
        return Examples.ofSequence(conform.shape[0], length, ImageFiles.bits(from, length));
    }

    /** As {@link #examples(NamedArray, DataSpec, Consumer)}, of what is not packed. */
    static Examples examples(NamedArray from, DataSpec data) throws FormatException {
        return new Conform(from, data).examples();
    }

    /** Whether rows are eight values a byte: no image has so few columns otherwise. */
    private boolean packed() {
        return data.levels() == 2
                && data.length().isPresent()
                && data.length().getAsInt() > 1
                && from.array().type() == NpyArray.DType.U8
                && shape.length == 2
                && shape[0] > 0
                && shape[1] == PackedBits.rowBytes(data.length().getAsInt());
    }

    private Examples examples() throws FormatException {
        int length = length();
        int count = from.array().count() / length;
        return data.levels() == 0
                ? Examples.ofReals(count, length, reals())
                : Examples.ofLevels(count, length, levels());
    }

    /** The shapes that hold N examples; 0 stands for any size. */
    private List<int[]> accepted() {
        List<int[]> shapes = new ArrayList<>();
        switch (data) {
            case DataSpec.Image image -> {
                shapes.add(new int[] {0, image.channels(), image.height(), image.width()});
                if (image.channels() == 1) {
                    shapes.add(new int[] {0, image.height(), image.width()});
                    shapes.add(new int[] {0, image.height() * image.width()});
                }
            }
            case DataSpec.Sequence sequence -> shapes.add(new int[] {0, sequence.positions()});
            case DataSpec.Audio _, DataSpec.Text _, DataSpec.Series _ -> {
                shapes.add(new int[] {0, 0});
                shapes.add(new int[] {0});
            }
        }
        return shapes;
    }

    /** Values of an example. */
    private int length() throws FormatException {
        if (accepted().stream().noneMatch(this::fits)) {
            throw from.refuse("found the shape " + Arrays.toString(shape) + ", expected " + expected()
                    + " for data of kind \"" + data.kind() + "\"" + hint());
        }
        if (from.array().count() == 0) {
            throw from.refuse("found the shape " + Arrays.toString(shape) + ", which holds no examples");
        }
        return data.length().orElse(shape[shape.length - 1]);
    }

    private boolean fits(int[] wanted) {
        boolean fits = wanted.length == shape.length;
        for (int i = 0; fits && i < wanted.length; i++) {
            fits = wanted[i] == 0 || wanted[i] == shape[i];
        }
        return fits;
    }

    private String expected() {
        return accepted().stream()
                .map(wanted -> {
                    boolean single = wanted.length == 1;
                    String[] names = {single ? "T" : "N", "T"};
                    List<String> sizes = new ArrayList<>();
                    for (int i = 0; i < wanted.length; i++) {
                        sizes.add(wanted[i] == 0 ? names[i] : Integer.toString(wanted[i]));
                    }
                    return "[" + String.join(", ", sizes) + "]";
                })
                .collect(Collectors.joining(" or "));
    }

    /** The mistakes that are made most. */
    private String hint() {
        if (data instanceof DataSpec.Image image && image.channels() == 3 && shape.length == 4 && shape[3] == 3) {
            return " (channels come before rows)";
        }
        boolean one = data.length().isPresent()
                && shape.length == 2
                && shape[1] == data.length().getAsInt() + 1;
        return one ? " (one column too many: labels?)" : "";
    }

    private int[] levels() throws FormatException {
        int[] levels = switch (from.array().type()) {
            case F16, F32, F64 -> whole(from.array().floats());
            default -> from.array().ints();
        };
        for (int i = 0; i < levels.length; i++) {
            if (levels[i] < 0 || levels[i] >= data.levels()) {
                throw value(Integer.toString(levels[i]), i, "a level, 0.." + (data.levels() - 1));
            }
        }
        return levels;
    }

    /** Numbers that are whole; float32 has all levels exactly that can be. */
    private int[] whole(float[] values) throws FormatException {
        int[] levels = new int[values.length];
        for (int i = 0; i < values.length; i++) {
            levels[i] = (int) values[i];
            if (levels[i] != values[i]) {
                throw value(Float.toString(values[i]), i, "a level, a whole number of 0.." + (data.levels() - 1));
            }
        }
        return levels;
    }

    private float[] reals() throws FormatException {
        float[] values = from.array().floats();
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                throw value(Float.toString(values[i]), i, "a finite number");
            }
        }
        return values;
    }

    private FormatException value(String found, int index, String expected) {
        int[] place = new int[shape.length];
        int rest = index;
        for (int i = shape.length - 1; i >= 0; i--) {
            place[i] = rest % shape[i];
            rest /= shape[i];
        }
        return from.refuse("found " + found + " at " + Arrays.toString(place) + ", expected " + expected);
    }
}
