package dev.gatun.tensor;

/** Numbers in fewer bits, kept as floats. */
final class Rounding {
    private static final int HALF = 16; // bits of a float that bfloat16 lacks
    private static final int UPPER = -1 << HALF;
    private static final float LARGEST_BF16 = Float.intBitsToFloat(0x7f7f0000);

    private static final int MOST = 127;
    /** What scales are tried, in parts of that at which no weight is cut off. */
    private static final float[] CLIPS = {1, 0.95f, 0.9f, 0.85f, 0.8f, 0.75f, 0.7f, 0.65f, 0.6f, 0.55f, 0.5f};
    /** A scale has so few bits that its multiples up to 127 are exact: a product by it rounds nothing. */
    private static final int SCALE_BITS = 0xffffff00;

    private Rounding() {}

    /** Rounds the weights of one output, all of them finite. */
    static void round(float[] weights, Precision precision) {
        switch (precision) {
            case BF16 -> {
                for (int i = 0; i < weights.length; i++) {
                    weights[i] = bf16(weights[i]);
                }
            }
            case INT8, INT8_DYNAMIC -> multiples(weights, scale(weights));
            case F32 -> {}
        }
    }

    private static float bf16(float value) {
        int bits = Float.floatToRawIntBits(value);
        int even = (bits >>> HALF) & 1;
        int half = (1 << (HALF - 1)) - 1;
        float nearest = Float.intBitsToFloat((bits + half + even) & UPPER);
        return Math.clamp(nearest, -LARGEST_BF16, LARGEST_BF16);
    }

    private static float scale(float[] weights) {
        float most = 0;
        for (float weight : weights) {
            most = Math.max(most, Math.abs(weight));
        }
        float best = 0;
        double least = Double.POSITIVE_INFINITY;
        for (float clip : CLIPS) {
            float scale = Float.intBitsToFloat(Float.floatToRawIntBits(most / MOST * clip) & SCALE_BITS);
            double squares = squares(weights, scale);
            if (squares < least) {
                least = squares;
                best = scale;
            }
        }
        return best;
    }

    private static double squares(float[] weights, float scale) {
        double sum = 0;
        for (float weight : weights) {
            double change = weight - multiple(weight, scale);
            sum += change * change;
        }
        return sum;
    }

    private static void multiples(float[] weights, float scale) {
        for (int i = 0; i < weights.length; i++) {
            weights[i] = multiple(weights[i], scale);
        }
    }

    /** The nearest multiple; of zero the one without a sign, as a whole number has it. */
    private static float multiple(float weight, float scale) {
        if (scale == 0) {
            return 0;
        }
        int whole = (int) Math.rint(Math.clamp(weight / (double) scale, -MOST, MOST));
        return whole * scale;
    }
}
