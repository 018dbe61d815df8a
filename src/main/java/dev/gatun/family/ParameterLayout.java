package dev.gatun.family;

import dev.gatun.tensor.Normed;
import dev.gatun.tensor.Parameters;
import dev.gatun.tensor.Precision;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** The tensors that a configuration asks for, in the order in which a model keeps them. Immutable. */
public final class ParameterLayout {
    private static final int MOST_TENSORS = 1 << 16;

    private final SequencedMap<String, ParameterSpec> specs;

    private ParameterLayout(SequencedMap<String, ParameterSpec> specs) {
        this.specs = Collections.unmodifiableSequencedMap(specs);
    }

    /** All tensors, those that are optional included. */
    public List<ParameterSpec> specs() {
        return List.copyOf(specs.values());
    }

    /** The tensors by name. */
    public SequencedMap<String, ParameterSpec> byName() {
        return specs;
    }

    /**
     * The tensor of that name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public ParameterSpec spec(String name) {
        @Nullable ParameterSpec spec = specs.get(name);
        if (spec == null) {
            throw new IllegalArgumentException(name + ": not a tensor of this model, which has " + specs.keySet());
        }
        return spec;
    }

    /**
     * The entries of a tensor that count, {@code null} if all do.
     *
     * @param integers the model's integer tensors
     */
    public Mask.@Nullable Entries entries(String name, Map<String, long[]> integers) {
        @Nullable Mask mask = spec(name).mask();
        return mask == null ? null : mask.entries(integers);
    }

    /** Rounds the weights among a model's parameters. */
    public void round(Parameters parameters, Precision precision) {
        if (precision == Precision.F32) {
            return;
        }
        for (ParameterSpec spec : specs.values()) {
            if (spec.outputAxis() >= 0) {
                parameters.round(spec.name(), spec.outputAxis(), precision);
            }
        }
    }

    /** Float tensors of zeros and, where they are not optional, integer tensors of zeros, to be initialised. */
    public Parameters allocate(Arena arena) {
        Map<String, long[]> integers = new LinkedHashMap<>();
        for (ParameterSpec spec : specs.values()) {
            if (spec.integer() && !spec.optional()) {
                integers.put(spec.name(), new long[spec.elements()]);
            }
        }
        return allocate(integers, arena);
    }

    /** Float tensors of zeros, with these integer tensors. */
    Parameters allocate(Map<String, long[]> integers, Arena arena) {
        SequencedMap<String, int[]> shapes = new LinkedHashMap<>();
        for (ParameterSpec spec : specs.values()) {
            if (!spec.integer()) {
                shapes.put(spec.name(), spec.shape());
            }
        }
        return new Parameters(shapes, integers, arena);
    }

    /** Collects a family's tensors. Sizes are {@code long}, so that products of options need no care: none overflows. */
    static final class Builder {
        private final SequencedMap<String, ParameterSpec> specs = new LinkedHashMap<>();

        /** A layer's weight {@code [out, in, ...]} and bias {@code [out]}. */
        Builder layer(String name, @Nullable Mask mask, long... shape) {
            return layer(name, 1, mask, shape);
        }

        /** As {@link #layer(String, Mask, long...)}, of outputs that data-dependent initialisation gives some deviation. */
        Builder layer(String name, double deviation, @Nullable Mask mask, long... shape) {
            int[] checked = checked(name + ".weight", shape);
            int fanIn = Math.toIntExact(product(checked) / checked[0]);
            Normed normed = new Normed(0, deviation);
            add(name + ".weight", checked, false, false, mask, fanIn, ParameterSpec.Start.UNIFORM, normed);
            return tensor(name + ".bias", ParameterSpec.Start.UNIFORM, fanIn, shape[0]);
        }

        /** A layer's weight {@code [out, in, ...]} alone. */
        Builder weight(String name, @Nullable Mask mask, long... shape) {
            int[] checked = checked(name + ".weight", shape);
            int fanIn = Math.toIntExact(product(checked) / checked[0]);
            return add(name + ".weight", checked, false, false, mask, fanIn, ParameterSpec.Start.UNIFORM, null);
        }

        /** A transposed convolution's weight {@code [in, out, kh, kw]} and bias {@code [out]}. */
        Builder transposed(String name, long... shape) {
            int[] checked = checked(name + ".weight", shape);
            int fanIn = Math.toIntExact(product(checked) / checked[0]); // as PyTorch counts it, from the second size on
            Normed normed = new Normed(1, 1);
            add(name + ".weight", checked, false, false, null, fanIn, ParameterSpec.Start.UNIFORM, normed);
            return tensor(name + ".bias", ParameterSpec.Start.UNIFORM, fanIn, shape[1]);
        }

        /** A tensor without a mask. {@code fanIn} is for {@code UNIFORM}. */
        Builder tensor(String name, ParameterSpec.Start start, int fanIn, long... shape) {
            return add(name, checked(name, shape), false, false, null, fanIn, start, null);
        }

        /** A tensor with a mask that starts uniform and is not named a weight of a layer. */
        Builder tensorWithMask(String name, Mask mask, int fanIn, long... shape) {
            return add(name, checked(name, shape), false, false, mask, fanIn, ParameterSpec.Start.UNIFORM, null);
        }

        /** A one-dimensional tensor of integers. */
        Builder integers(String name, boolean optional, long size) {
            return add(name, checked(name, size), true, optional, null, 0, ParameterSpec.Start.ZERO, null);
        }

        private Builder add(
                String name,
                int[] shape,
                boolean integer,
                boolean optional,
                @Nullable Mask mask,
                int fanIn,
                ParameterSpec.Start start,
                @Nullable Normed normed) {
            if (specs.size() == MOST_TENSORS) {
                throw new InvalidModelException(name + ": one tensor too many, expected at most " + MOST_TENSORS);
            }
            specs.put(name, new ParameterSpec(name, shape, integer, optional, mask, fanIn, start, normed));
            return this;
        }

        /** The shape in ints. @throws InvalidModelException if an array could not hold that many elements */
        static int[] checked(String name, long... shape) {
            long elements = 1;
            for (long side : shape) {
                if (elements > Integer.MAX_VALUE / side) {
                    throw InvalidModelException.of(
                            name, "the shape " + Arrays.toString(shape), "at most " + Integer.MAX_VALUE + " elements");
                }
                elements *= side;
            }
            return Arrays.stream(shape).mapToInt(Math::toIntExact).toArray();
        }

        private static long product(int[] shape) {
            return Arrays.stream(shape).asLongStream().reduce(1, (a, b) -> a * b);
        }

        ParameterLayout build() {
            return new ParameterLayout(specs);
        }
    }
}
