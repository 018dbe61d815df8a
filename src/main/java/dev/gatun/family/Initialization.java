package dev.gatun.family;

import dev.gatun.tensor.Parameters;
import dev.gatun.tensor.Philox;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;

/**
 * What a model's tensors hold before training: PyTorch's defaults.
 *
 * <ul>
 *   <li>Weights and biases of linear maps and convolutions: uniform between ± 1/sqrt(fan-in), where the fan-in is the
 *       unmasked weight's; transposed convolutions as PyTorch counts it, from the weight's second size on. Recurrent
 *       layers: ± 1/sqrt(hidden). Embeddings (WaveNet's {@code global.weight}): normal(0, 1).
 *   <li>Where PyTorch has no module: fvsbn and nade start as linear layers of D and of {@code hidden} inputs, weights of
 *       conditions as linear layers of the condition's size; linear_ar's weight as a linear layer of {@code order} inputs,
 *       its {@code bias} and {@code log_sigma} at 0; markov's logits at 0.
 *   <li>made's degrees: with one mask the data's own order, and hidden degrees spread evenly over 1 .. D-1. With more
 *       masks, as in the paper (Germain et al. 2015), each has a drawn order, and hidden degrees drawn between the
 *       smallest of the layer below and D-1. nade has the data's own order.
 * </ul>
 *
 * <p>An element depends on the seed, its tensor's number in the layout and its place alone. Masked entries are 0.
 */
public final class Initialization {
    /** Keeps initial values apart from what sampling draws with the same seed, whose k are 0, 1 and 2. */
    private static final int FIRST_DRAW = 16;

    /** What the seed of one step's draws is drawn with. */
    private static final int STEP_SEED = FIRST_DRAW + 3;

    private Initialization() {}

    /**
     * Overwrites all tensors of a model.
     *
     * @param config the configuration
     * @param parameters the tensors that it asks for, as {@link ParameterLayout#allocate} makes them
     * @param seed any 64 bits
     * @throws IllegalArgumentException if a tensor is missing
     */
    public static void initialise(ModelConfig config, Parameters parameters, long seed) {
        if (config.family() instanceof Made) {
            initialiseDegrees(config, parameters.integers(), seed);
        }
        initialise(config.family().layout(config), parameters, seed);
    }

    /** Overwrites the float tensors of a layout. */
    public static void initialise(ParameterLayout layout, Parameters parameters, long seed) {
        int number = 0;
        for (ParameterSpec spec : layout.specs()) {
            if (!spec.integer()) {
                MemorySegment values = parameters.get(spec.name());
                fill(spec, values, seed, number);
                Values.clearMasked(values, layout.entries(spec.name(), parameters.integers()));
            }
            number++;
        }
    }

    private static void fill(ParameterSpec spec, MemorySegment values, long seed, int number) {
        float bound = (float) (1 / Math.sqrt(spec.fanIn()));
        int size = spec.elements();
        for (int i = 0; i < size; i++) {
            float value = switch (spec.start()) {
                case ZERO -> 0f;
                case UNIFORM -> (2 * Philox.uniform(seed, number, i, FIRST_DRAW) - 1) * bound;
                case NORMAL -> normal(seed, number, i);
            };
            values.setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
        }
    }

    /** Box and Muller's, by functions that are the same on every machine. */
    private static float normal(long seed, int number, int i) {
        double radius = StrictMath.sqrt(-2 * StrictMath.log(Philox.uniform(seed, number, i, FIRST_DRAW)));
        return (float) (radius * StrictMath.cos(2 * Math.PI * Philox.uniform(seed, number, i, FIRST_DRAW + 1)));
    }

    private static void initialiseDegrees(ModelConfig config, Map<String, long[]> integers, long seed) {
        int masks = config.integer("masks");
        int layers = config.integers("hidden").length;
        int number = 0;
        for (int m = 0; m < masks; m++) {
            long[] below = Made.degrees(integers, m, 0);
            int positions = below.length;
            for (int i = 0; i < positions; i++) {
                below[i] = i + 1L;
            }
            if (masks > 1) {
                shuffle(below, seed, number);
            }
            number++;
            long least = 1;
            for (int l = 1; l <= layers; l++, number++) {
                long[] degrees = Made.degrees(integers, m, l);
                fillHidden(degrees, least, Math.max(1, positions - 1), masks > 1, seed, number);
                least = smallest(degrees);
            }
        }
    }

    /**
     * Draws the degrees of a mask for one step of training, in place.
     *
     * @param degrees of each layer, 0: the inputs, whose order stays if not {@code reorder}
     */
    static void drawDegrees(long[][] degrees, boolean reorder, long seed, long step) {
        long own = Integer.toUnsignedLong(Philox.word(seed, step, 0, STEP_SEED))
                | (long) Philox.word(seed, step, 1, STEP_SEED) << 32;
        if (reorder) {
            shuffle(degrees[0], own, 0);
        }
        long least = 1;
        for (int l = 1; l < degrees.length; l++) {
            fillHidden(degrees[l], least, Math.max(1, degrees[0].length - 1), true, own, l);
            least = smallest(degrees[l]);
        }
    }

    private static void fillHidden(long[] degrees, long least, long most, boolean draw, long seed, int number) {
        for (int i = 0; i < degrees.length; i++) {
            degrees[i] = draw
                    ? least + below(most - least + 1, seed, number, i)
                    : 1 + i * most / degrees.length; // evenly from 1 to D-1
        }
    }

    private static void shuffle(long[] values, long seed, int number) {
        for (int i = values.length - 1; i > 0; i--) {
            int j = (int) below(i + 1L, seed, number, i);
            long swapped = values[i];
            values[i] = values[j];
            values[j] = swapped;
        }
    }

    private static long smallest(long[] values) {
        long smallest = values[0];
        for (long value : values) {
            smallest = Math.min(smallest, value);
        }
        return smallest;
    }

    /** A whole number in 0 .. count-1, count at most 2^31. */
    private static long below(long count, long seed, int number, int i) {
        return (Integer.toUnsignedLong(Philox.word(seed, number, i, FIRST_DRAW + 2)) * count) >>> 32;
    }
}
