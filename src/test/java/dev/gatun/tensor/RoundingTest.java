package dev.gatun.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RoundingTest {
    private static float[] rounded(Precision precision, float... weights) {
        Rounding.round(weights, precision);
        return weights;
    }

    @Test
    void halvesOfFloats() {
        float bit = 1 / 128f; // of a number from 1 to below 2
        assertThat(rounded(Precision.BF16, 1 + bit, 1 + bit / 2, 1 + 1.5f * bit, 1 + 0.51f * bit, -1 - 1.5f * bit))
                .containsExactly(1 + bit, 1, 1 + 2 * bit, 1 + bit, -1 - 2 * bit);
        assertThat(rounded(Precision.BF16, Float.MAX_VALUE, -Float.MAX_VALUE, Float.MIN_VALUE, 0f, -0f))
                .containsExactly(0x1.fep127f, -0x1.fep127f, 0f, 0f, -0f);
    }

    @Test
    void multiplesOfAScale() {
        assertThat(rounded(Precision.INT8, 127, -127, 0.5f, 1.5f, -2.51f, -0f, 64))
                .containsExactly(127, -127, 0, 2, -3, 0, 64);
        assertThat(rounded(Precision.INT8, 0, 0)).containsExactly(0, 0);
        assertThat(rounded(Precision.INT8, 3)).containsExactly(127 * scaleOf(3));
        assertThat(rounded(Precision.INT8, Float.MIN_VALUE, -Float.MIN_VALUE)).containsExactly(0, 0);
    }

    /** One weight far out is cut off where the others gain more than it loses. */
    @Test
    void scalesAreTheBestOfSome() {
        float[] weights = new float[100_000];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (i % 997) / 997f;
        }
        weights[0] = 1.25f;
        Rounding.round(weights, Precision.INT8);
        assertThat(weights[0]).isBetween(0.99f, 1.25f * 0.96f);
        for (float weight : weights) {
            assertThat(weight / (weights[0] / 127)).isEqualTo((float) Math.rint(weight / (weights[0] / 127)));
        }
    }

    @Test
    void nothing() {
        assertThat(rounded(Precision.F32, 0.1f, -0f)).containsExactly(0.1f, -0f);
    }

    /** In sixteen bits. */
    private static float scaleOf(float most) {
        return Float.intBitsToFloat(Float.floatToRawIntBits(most / 127) & 0xffffff00);
    }
}
