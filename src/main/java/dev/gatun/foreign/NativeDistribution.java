package dev.gatun.foreign;

import dev.gatun.bindings.gatun_distribution;
import dev.gatun.bindings.gatun_h;
import dev.gatun.bindings.gatun_noise;
import dev.gatun.bindings.gatun_values;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** What the outputs of a position mean: log-probabilities, their gradients, draws. */
public final class NativeDistribution {
    /** The kinds, with their number in the interface. */
    public enum Type {
        BERNOULLI(gatun_h.GATUN_BERNOULLI()),
        CATEGORICAL(gatun_h.GATUN_CATEGORICAL()),
        GAUSSIAN(gatun_h.GATUN_GAUSSIAN()),
        LOGISTIC_MIXTURE(gatun_h.GATUN_LOGISTIC_MIXTURE());

        private final int code;

        Type(int code) {
            this.code = code;
        }
    }

    private final Type type;
    private final int levels;
    private final int components;
    private final int channels;
    private final MemorySegment struct;

    /** A distribution over one position at a time. */
    public NativeDistribution(Arena arena, Type type, int levels, int components) {
        this(arena, type, levels, components, 1);
    }

    /**
     * A distribution.
     *
     * @param levels 0 for gaussian, else at least 2
     * @param components of a mixture, else 0
     * @param channels positions that it is over together: 3 of a mixture over the pixels of colour images, else 1
     */
    public NativeDistribution(Arena arena, Type type, int levels, int components, int channels) {
        boolean mixture = type == Type.LOGISTIC_MIXTURE;
        if ((type == Type.GAUSSIAN ? levels != 0 : levels < 2)
                || (mixture ? components < 1 : components != 0)
                || (channels != 1 && !(mixture && channels == 3))) {
            throw new IllegalArgumentException(
                    type + " of " + levels + " levels, " + components + " components and " + channels + " channels");
        }
        this.type = type;
        this.levels = levels;
        this.components = components;
        this.channels = channels;
        struct = gatun_distribution.allocate(arena);
        gatun_distribution.type(struct, type.code);
        gatun_distribution.levels(struct, levels);
        gatun_distribution.components(struct, components);
        gatun_distribution.channels(struct, channels);
    }

    /** Positions of a place, which it is over together: 3 of a mixture over the pixels of colour images, else 1. */
    public int channels() {
        return channels;
    }

    /** Outputs of a place. */
    public int outputs() {
        return switch (type) {
            case BERNOULLI -> 1;
            case CATEGORICAL -> levels;
            case GAUSSIAN -> 2;
            case LOGISTIC_MIXTURE -> (channels == 3 ? 10 : 3) * components;
        };
    }

    /** Whether values are reals, not levels. */
    public boolean real() {
        return type == Type.GAUSSIAN;
    }

    public int levels() {
        return levels;
    }

    /** The struct of gatun.h. */
    public MemorySegment struct() {
        return struct;
    }

    /** Values of examples x positions in native memory: int32 levels or float32 reals. */
    public static final class Values {
        private final MemorySegment data;
        private final MemorySegment struct;
        private final int positions;
        private final boolean real;

        /** Room for values, zeros. */
        public Values(Arena arena, boolean real, int examples, int positions) {
            this(arena, real, positions, arena.allocate(Math.max(1, (long) examples * positions) * Integer.BYTES, 64));
        }

        private Values(Arena arena, boolean real, int positions, MemorySegment data) {
            this.real = real;
            this.positions = positions;
            this.data = data;
            struct = gatun_values.allocate(arena);
            gatun_values.levels(struct, real ? MemorySegment.NULL : data);
            gatun_values.reals(struct, real ? data : MemorySegment.NULL);
            gatun_values.stride_example(struct, positions);
        }

        /** A view of some examples' values; it lives no longer than these. */
        public Values range(Arena arena, int first, int examples) {
            long row = (long) positions * Integer.BYTES;
            return new Values(arena, real, positions, data.asSlice(first * row, examples * row));
        }

        /** examples x positions values, row-major. */
        public MemorySegment data() {
            return data;
        }

        /** Positions of an example. */
        public int positions() {
            return positions;
        }

        /** Whether values are float32. */
        public boolean real() {
            return real;
        }

        long capacity() {
            return data.byteSize() / Integer.BYTES;
        }

        /** The struct of gatun.h. */
        public MemorySegment struct() {
            return struct;
        }
    }

    private void checkOutputs(NativeMap outputs, Values values, int positions) {
        GridShape shape = outputs.shape();
        if (shape.rows() != 1 || shape.features() != outputs()) {
            throw new IllegalArgumentException("outputs of " + shape.rows() + " rows and " + shape.features()
                    + " features, expected 1 and " + outputs());
        }
        if (values.real != real()
                || values.positions < positions
                || values.capacity() < (long) outputs.examples() * values.positions) {
            throw new IllegalArgumentException("values of " + values.positions + " positions, expected "
                    + outputs.examples() + " x " + positions + (real() ? " reals" : " levels"));
        }
    }

    /** logProb[example * positions + position] = ln p of each given the earlier ones; values' levels have been checked to be in range. */
    public void logProb(Context context, NativeMap outputs, Values values, MemorySegment logProb) {
        checkOutputs(outputs, values, outputs.shape().columns() * channels);
        NativeAffine.checkFloats("log-probabilities", logProb, (long) outputs.examples() * values.positions);
        context.check(gatun_h.gatun_log_prob(
                context.handle(), struct, outputs.struct(), values.struct, logProb, values.positions));
    }

    /** gradient = scale * d(-ln p)/d outputs. */
    public void gradient(Context context, NativeMap outputs, Values values, float scale, NativeMap gradient) {
        checkOutputs(outputs, values, outputs.shape().columns() * channels);
        checkOutputs(gradient, values, gradient.shape().columns() * channels);
        context.check(gatun_h.gatun_log_prob_gradient(
                context.handle(), struct, outputs.struct(), values.struct, scale, gradient.struct()));
    }

    /** How values are drawn: the noise, the temperature, or the mode. */
    public static final class Noise {
        private final MemorySegment struct;

        /**
         * Noise.
         *
         * @param temperature above 0
         * @param mode the mode in place of a draw
         */
        public Noise(Arena arena, long seed, long firstSample, float temperature, boolean mode) {
            if (!(temperature > 0) || Float.isInfinite(temperature)) {
                throw new IllegalArgumentException("temperature: found " + temperature + ", expected a number above 0");
            }
            struct = gatun_noise.allocate(arena);
            gatun_noise.seed(struct, seed);
            gatun_noise.first_sample(struct, firstSample);
            gatun_noise.temperature(struct, temperature);
            gatun_noise.mode(struct, mode ? 1 : 0);
        }

        /** Moves on to other samples. */
        public void firstSample(long sample) {
            gatun_noise.first_sample(struct, sample);
        }

        MemorySegment struct() {
            return struct;
        }
    }

    /**
     * Draws one position of one example.
     *
     * @param outputs a view of one column of one example (see {@link NativeMap#moveTo(int, int)})
     * @param position written in values, which hold the pixel's earlier channels where it is over several
     * @param example of the values; the noise is that of its own number, as {@link Noise#firstSample} says it
     */
    public void draw(Context context, Noise noise, NativeMap outputs, int position, Values values, int example) {
        checkOutputs(outputs, values, position + 1);
        if (outputs.examples() != 1 || example < 0 || (example + 1L) * values.positions > values.capacity()) {
            throw new IllegalArgumentException("example " + example + " of " + values.capacity()
                    + " values, of outputs of " + outputs.examples() + " examples, expected one");
        }
        MemorySegment at = values.data.asSlice(((long) example * values.positions + position) * Integer.BYTES, 0);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment shifted = gatun_values.allocate(arena);
            gatun_values.levels(shifted, values.real ? MemorySegment.NULL : at);
            gatun_values.reals(shifted, values.real ? at : MemorySegment.NULL);
            gatun_values.stride_example(shifted, values.positions);
            context.check(
                    gatun_h.gatun_draw(context.handle(), struct, noise.struct, outputs.struct(), position, shifted));
        }
    }
}
