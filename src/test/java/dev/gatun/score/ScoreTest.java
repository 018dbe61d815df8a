package dev.gatun.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ranks and areas against their definitions. */
class ScoreTest {
    private static final double INFINITY = Double.POSITIVE_INFINITY;

    /** Few different numbers, so that many are the same. */
    private static double[] random(Random random, int count, int different) {
        return random.doubles(count)
                .map(u -> Math.floor(u * different) - different / 2)
                .toArray();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void ranksAreCounted(long seed) {
        Random random = new Random(seed);
        double[] known = random(random, 1 + random.nextInt(40), 12);
        Reference reference = Reference.of(known);
        for (double value : new double[] {-INFINITY, -7, -6, -3, -2.5, -0.0, 0, 1, 4, 5, 6, INFINITY}) {
            long notMore = Arrays.stream(known).filter(nats -> nats >= value).count();
            assertThat(reference.pValue(value)).isEqualTo((1.0 + notMore) / (known.length + 1.0));
        }
        assertThat(reference.count()).isEqualTo(known.length);
        assertThat(reference.pValues(new double[] {0, 3})).containsExactly(reference.pValue(0), reference.pValue(3));
    }

    /** An example among others of its kind has each rank as often as any other: exactly uniform, however few there are. */
    @Test
    void pValuesOfTheSameKindAreUniform() {
        double[] all = {3, 1, 4, 1.5, 9, 2.6, 5};
        double[] found = new double[all.length];
        for (int left = 0; left < all.length; left++) {
            double[] others = new double[all.length - 1];
            System.arraycopy(all, 0, others, 0, left);
            System.arraycopy(all, left + 1, others, left, others.length - left);
            found[left] = Reference.of(others).pValue(all[left]);
        }
        Arrays.sort(found);
        for (int i = 0; i < found.length; i++) {
            assertThat(found[i]).isCloseTo((i + 1.0) / all.length, within(1e-15));
        }
    }

    @Test
    void aReferenceIsItsOwn() {
        double[] known = {2, 1};
        Reference reference = Reference.of(known);
        known[0] = 0;
        assertThat(reference.pValue(1.5)).isEqualTo(2.0 / 3);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void areasAreCountedPairByPair(long seed) {
        Random random = new Random(seed);
        double[] inside = random(random, 1 + random.nextInt(50), 9);
        double[] outside = random(random, 1 + random.nextInt(50), 11);
        double won = 0;
        for (double in : inside) {
            for (double out : outside) {
                won += in < out ? 1 : in == out ? 0.5 : 0;
            }
        }
        double area = Separation.auroc(inside, outside);
        assertThat(area).isEqualTo(won / (inside.length * outside.length));
        assertThat(Separation.auroc(outside, inside)).isCloseTo(1 - area, within(1e-15));
        assertThat(Separation.auroc(inside, inside)).isEqualTo(0.5);
    }

    @Test
    void areasAtTheirEnds() {
        assertThat(Separation.auroc(new double[] {1, 2}, new double[] {3, INFINITY}))
                .isEqualTo(1);
        assertThat(Separation.auroc(new double[] {3}, new double[] {1, 2})).isZero();
        assertThat(Separation.auroc(new double[] {0.0, -0.0}, new double[] {-0.0, 0.0}))
                .isEqualTo(0.5);
    }

    @Test
    void distancesFromUniform() {
        assertThat(Separation.fromUniform(new double[] {0.5})).isEqualTo(0.5);
        assertThat(Separation.fromUniform(new double[] {0.75, 0.25})).isEqualTo(0.25);
        assertThat(Separation.fromUniform(new double[] {0.01, 0.01, 0.01})).isCloseTo(0.99, within(1e-15));
        Random random = new Random(5);
        double[] p = random.doubles(37).toArray();
        double largest = 0;
        for (double at : p) {
            for (double side : new double[] {Math.nextDown(at), at}) {
                double below = Arrays.stream(p).filter(one -> one <= side).count() / (double) p.length;
                largest = Math.max(largest, Math.abs(below - side));
            }
        }
        assertThat(Separation.fromUniform(p)).isCloseTo(largest, within(1e-12));
    }

    @Test
    void histogramsHoldAll() {
        Histogram histogram = Histogram.of(new double[] {0, 0.9, 1, 2.5, 4, 4}, 0, 4, 4);
        assertThat(histogram.counts()).containsExactly(2, 1, 1, 2);
        assertThat(histogram.width()).isEqualTo(1);
        assertThatThrownBy(() -> Histogram.of(new double[] {4.1}, 0, 4, 4)).hasMessageContaining("found 4.1");
        assertThatThrownBy(() -> Histogram.of(new double[] {Double.NaN}, 0, 4, 4))
                .hasMessageContaining("NaN");
        assertThatThrownBy(() -> Histogram.of(new double[0], 4, 4, 4)).hasMessageContaining("4.0 to 4.0");
    }

    @Test
    void whatIsNoNumberIsRefused() {
        assertThatThrownBy(() -> Reference.of(new double[0])).hasMessageContaining("found no likelihoods");
        assertThatThrownBy(() -> Reference.of(new double[] {1, Double.NaN})).hasMessageContaining("found NaN");
        assertThatThrownBy(() -> Reference.of(new double[] {1}).pValue(Double.NaN))
                .hasMessageContaining("found NaN");
        assertThatThrownBy(() -> Separation.auroc(new double[] {Double.NaN}, new double[] {1}))
                .hasMessageContaining("inside: found NaN");
        assertThatThrownBy(() -> Separation.auroc(new double[] {1}, new double[0]))
                .hasMessageContaining("outside: found none");
        assertThatThrownBy(() -> Separation.fromUniform(new double[] {0.5, 1.5}))
                .hasMessageContaining("found 0.5 to 1.5");
    }
}
