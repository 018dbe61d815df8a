package dev.gatun.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ShuffleTest {
    @Test
    void everyExampleComesOnce() {
        for (int count : new int[] {1, 2, 3, 10, 1000}) {
            int[] order = Shuffle.order(count, 7, 3);
            Arrays.sort(order);
            assertThat(order).isEqualTo(IntStream.range(0, count).toArray());
        }
    }

    @Test
    void seedAndEpochChangeTheOrderAndNothingElseDoes() {
        int[] order = Shuffle.order(100, 7, 3);
        assertThat(Shuffle.order(100, 7, 3)).isEqualTo(order);
        assertThat(Shuffle.order(100, 8, 3)).isNotEqualTo(order);
        assertThat(Shuffle.order(100, 7, 4)).isNotEqualTo(order);
        assertThat(Shuffle.order(100, 7 + (1L << 32), 3)).isNotEqualTo(order);
    }

    /** Chi-square over the 24 orders of four examples: 23 degrees of freedom, 99.9 % below 49.7. */
    @Test
    void allOrdersAreEquallyLikely() {
        int[] seen = new int[256];
        int epochs = 24_000;
        for (int epoch = 0; epoch < epochs; epoch++) {
            int[] order = Shuffle.order(4, 11, epoch);
            seen[order[0] * 64 + order[1] * 16 + order[2] * 4 + order[3]]++;
        }
        double expected = epochs / 24.0;
        double chi = 0;
        int orders = 0;
        for (int count : seen) {
            if (count > 0) {
                chi += (count - expected) * (count - expected) / expected;
                orders++;
            }
        }
        assertThat(orders).isEqualTo(24);
        assertThat(chi).isLessThan(49.7);
    }
}
