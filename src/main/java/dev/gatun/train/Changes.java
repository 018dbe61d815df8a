package dev.gatun.train;

import dev.gatun.family.DataSpec;
import dev.gatun.tensor.Philox;

/** Changes of examples that models are trained with. */
public final class Changes {
    /** Keep these draws apart from others under the same seed. */
    private static final int FLIP = 0x666c6970;

    private static final int BINARIZE = 0x62696e61;

    private Changes() {}

    /**
     * Every other image, by a draw at each step, seen in a mirror: left and right change places.
     *
     * @param seed of the draws
     */
    public static ExampleSource.Change flips(DataSpec.Image image, long seed) {
        return new Flip(image, seed);
    }

    /**
     * Grey levels become ink with a chance of their height: a level {@code v} of {@code 0 .. highest} is 1 with probability {@code
     * v / highest}, drawn anew at each step. What is validated is drawn once.
     *
     * @param highest the level that is always ink
     * @param seed of the draws
     */
    public static ExampleSource.Change stochasticBinarization(int highest, long seed) {
        if (highest < 1) {
            throw new IllegalArgumentException(
                    "binarization: found " + highest + " as the highest level, expected 1 or more");
        }
        return new Binarize(highest, seed);
    }

    private record Flip(DataSpec.Image image, long seed) implements ExampleSource.Change {
        @Override
        public void apply(int[] values, int example, long step) {
            if (Philox.word(seed, step, example, FLIP) < 0) {
                return;
            }
            for (int row = 0; row < values.length; row += image.width()) {
                for (int i = row, j = row + image.width() - 1; i < j; i++, j--) {
                    int swapped = values[i];
                    values[i] = values[j];
                    values[j] = swapped;
                }
            }
        }

        @Override
        public boolean always() {
            return false;
        }

        @Override
        public String describe() {
            return toString();
        }
    }

    private record Binarize(int highest, long seed) implements ExampleSource.Change {
        @Override
        public void apply(int[] values, int example, long step) {
            long draw = (long) example << Integer.SIZE ^ (step + 1);
            for (int i = 0; i < values.length; i++) {
                values[i] = Philox.uniform(seed, draw, i, BINARIZE) * highest < values[i] ? 1 : 0;
            }
        }

        @Override
        public boolean always() {
            return true;
        }

        @Override
        public String describe() {
            return toString();
        }
    }
}
