package dev.gatun;

import dev.gatun.family.DataSpec;
import dev.gatun.foreign.NativeDistribution;
import dev.gatun.graph.BoundGraph;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** What examples must be, how many go together, and what becomes of their values. */
final class Batches {
    /** What an array can hold in every JVM. */
    static final int MOST_VALUES = Integer.MAX_VALUE - 8;

    /** What the maps of a batch may take: little enough for caches, and for memory that is touched for the first time. */
    private static final long BATCH_BYTES = 16L << 20;

    /** The same on a device, which has much to do at once, and keeps the memory. */
    private static final long DEVICE_BYTES = 256L << 20;

    private static final int MOST = 512;

    private Batches() {}

    /** How many examples a pass takes at once, at least 1: of the processor. */
    static int size(List<BoundGraph> graphs, int examples, int length) {
        return size(floats(graphs, length), examples);
    }

    /** The same of what a model's device, or else the processor, takes. */
    static int size(Model model, List<BoundGraph> graphs, int examples, int length) {
        return size(floats(graphs, length), examples, bytes(model));
    }

    /** What the maps of what is computed at once may take where a model is computed, about. */
    static long bytes(Model model) {
        return model.cuda() == null ? BATCH_BYTES : DEVICE_BYTES;
    }

    /** The same of examples each of which takes so many floats, of the processor. */
    static int size(long floats, int examples) {
        return size(floats, examples, BATCH_BYTES);
    }

    private static int size(long floats, int examples, long most) {
        return Math.clamp(Math.min(most / Math.max(1, floats * Float.BYTES), examples), 1, MOST);
    }

    private static long floats(List<BoundGraph> graphs, int length) {
        return graphs.stream().mapToLong(bound -> bound.graph().floats(length)).sum();
    }

    /**
     * Demands that examples are what a model's data are.
     *
     * @throws IllegalArgumentException saying what was found and expected
     */
    static void check(DataSpec data, Examples examples) {
        checkKind(data, examples);
        if (!examples.real()) {
            checkLevels(data.levels(), examples);
        }
    }

    /** The same, but for the range of levels, which {@link Filling} demands of each example that it brings. */
    static void checkKind(DataSpec data, Examples examples) {
        boolean real = data.levels() == 0;
        if (examples.real() != real) {
            throw new IllegalArgumentException("examples: found " + (examples.real() ? "reals" : "levels")
                    + ", expected " + (real ? "reals" : "levels") + " (" + data.kind() + ")");
        }
        if (data.length().isPresent() && data.length().getAsInt() != examples.length()) {
            throw new IllegalArgumentException("examples: found a length of " + examples.length() + ", expected "
                    + data.length().getAsInt());
        }
        if (examples.length() < 1) {
            throw new IllegalArgumentException("examples: found a length of 0, expected at least 1");
        }
        if (real) {
            checkFinite(examples);
        }
    }

    private static void checkLevels(int levels, Examples examples) {
        int[] example = new int[examples.length()];
        for (int n = 0; n < examples.count(); n++) {
            examples.copyLevels(n, example, 0);
            checkLevels(levels, example, n);
        }
    }

    /** Demands that an example's values are some of so many levels. */
    static void checkLevels(int levels, int[] values, int example) {
        // One sign for all, which processors find for many values at once.
        int signs = 0;
        for (int value : values) {
            signs |= value | (levels - 1 - value);
        }
        for (int i = 0; signs < 0 && i < values.length; i++) {
            checkLevel(levels, values[i], example, i);
        }
    }

    /** Demands that a value is one of so many levels. */
    static void checkLevel(int levels, int level, int example, int index) {
        if (level < 0 || level >= levels) {
            throw new IllegalArgumentException("examples: found level " + level + " at value " + index + " of example "
                    + example + ", expected 0.." + (levels - 1));
        }
    }

    private static void checkFinite(Examples examples) {
        float[] all = examples.reals();
        for (int i = 0; i < all.length; i++) {
            if (!Float.isFinite(all[i])) {
                throw new IllegalArgumentException("examples: found " + all[i] + " at value " + i % examples.length()
                        + " of example " + i / examples.length() + ", expected finite numbers");
            }
        }
    }

    /** The sum of some log-probabilities, in their order, in double. */
    static double sum(MemorySegment floats, long from, int count) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += floats.getAtIndex(ValueLayout.JAVA_FLOAT, from + i);
        }
        return sum;
    }

    /**
     * The first examples of some values, which are in the order of positions, in the layout of the data.
     *
     * @param count of them; no more values than an array can hold
     */
    static Examples examples(DataSpec data, NativeDistribution.Values values, int count) {
        int length = values.positions();
        int total = Math.multiplyExact(count, length);
        if (values.real()) {
            float[] positions = new float[total];
            MemorySegment.copy(values.data(), ValueLayout.JAVA_FLOAT, 0, positions, 0, total);
            return Examples.ofReals(count, length, positions);
        }
        int[] positions = new int[total];
        MemorySegment.copy(values.data(), ValueLayout.JAVA_INT, 0, positions, 0, total);
        int[] layout = new int[total];
        for (int n = 0; n < count; n++) {
            data.toLayout(positions, n * length, layout, n * length, length);
        }
        return Examples.ofLevels(count, length, layout);
    }
}
