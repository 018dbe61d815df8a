package dev.gatun.code;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.LevelDistribution;
import dev.gatun.family.DataSpec;
import dev.gatun.family.DistributionSpec;
import dev.gatun.family.InputEncoding;
import dev.gatun.family.ModelConfig;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Symbols come back, in as many bits as they ask for. */
class RangeCoderTest {
    private static LevelDistribution distribution(int levels) {
        return LevelDistribution.of(new ModelConfig(
                "mlp_arm",
                new DataSpec.Sequence(9, levels),
                InputEncoding.RAW,
                DistributionSpec.of(DistributionSpec.Type.CATEGORICAL),
                Map.of("context", 1L, "hidden", java.util.List.of())));
    }

    /** Logits from flat to so steep that hardly anything is left to the rest. */
    private static float[] logits(SplittableRandom random, int levels) {
        float steep = (float) Math.pow(10, random.nextInt(5) - 2);
        float[] logits = new float[levels];
        for (int i = 0; i < levels; i++) {
            logits[i] = (float) random.nextGaussian() * steep;
        }
        return logits;
    }

    @Test
    void symbolsComeBackInAsManyBitsAsTheyAskFor() {
        for (long seed = 0; seed < 200; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            int levels = 2 + random.nextInt(random.nextInt(300) + 1);
            LevelDistribution distribution = distribution(levels);
            int count = random.nextInt(400);
            float[][] all = new float[count][];
            int[] symbols = new int[count];
            double bits = 0;
            RangeEncoder encoder = new RangeEncoder();
            for (int i = 0; i < count; i++) {
                all[i] = logits(random, levels);
                distribution.set(all[i], 0, 0);
                boolean likely = random.nextInt(50) > 0;
                symbols[i] = likely ? distribution.find(random.nextLong(distribution.total())) : random.nextInt(levels);
                bits -= Math.log(distribution.probability(symbols[i])) / Math.log(2);
                encoder.encode(
                        distribution.start(symbols[i]), distribution.frequency(symbols[i]), distribution.total());
            }
            byte[] bytes = encoder.finish();
            assertThat(bytes.length * 8.0).as("seed %s", seed).isLessThan(bits * 1.00001 + 16);
            RangeDecoder decoder = new RangeDecoder(bytes);
            for (int i = 0; i < count; i++) {
                distribution.set(all[i], 0, 0);
                assertThat(decoder.decode(distribution))
                        .as("seed %s, symbol %s", seed, i)
                        .isEqualTo(symbols[i]);
            }
        }
    }

    /** Long runs of bytes of ones, through which a carry goes. */
    @Test
    void carriesGoThroughRunsOfOnes() {
        for (int runs = 1; runs < 40; runs++) {
            for (int last = 0; last < 2; last++) {
                RangeEncoder encoder = new RangeEncoder();
                encoder.encode(0, 1, 2);
                long total = 1L << 31;
                for (int i = 0; i < runs; i++) {
                    encoder.encode(total - 1, 1, total); // the top of the interval, which ends in ones
                }
                encoder.encode(last, 1, 2);
                Fixed top = new Fixed(encoder.finish());
                assertThat(top.next(0, 1, 2)).isTrue();
                for (int i = 0; i < runs; i++) {
                    assertThat(top.next(total - 1, 1, total)).isTrue();
                }
                assertThat(top.next(last, 1, 2)).isTrue();
            }
        }
    }

    /** A decoder of known symbols: whether each is what the bytes say, by exact arithmetic. */
    private static final class Fixed {
        private java.math.BigInteger place;
        private java.math.BigInteger range = java.math.BigInteger.ONE.shiftLeft(RangeEncoder.BITS);
        private int bits = RangeEncoder.BITS;
        private final java.math.BigInteger number;
        private final int length;
        private java.math.BigInteger low = java.math.BigInteger.ZERO;

        Fixed(byte[] bytes) {
            number = new java.math.BigInteger(1, bytes);
            length = bytes.length * 8;
            place = number;
        }

        boolean next(long start, long frequency, long total) {
            java.math.BigInteger unit = range.divide(java.math.BigInteger.valueOf(total));
            low = low.add(unit.multiply(java.math.BigInteger.valueOf(start)));
            range = unit.multiply(java.math.BigInteger.valueOf(frequency));
            while (range.compareTo(java.math.BigInteger.valueOf(RangeEncoder.NARROW)) < 0) {
                low = low.shiftLeft(8);
                range = range.shiftLeft(8);
                bits += 8;
            }
            place = bits >= length ? number.shiftLeft(bits - length) : number.shiftRight(length - bits);
            return place.compareTo(low) >= 0 && place.compareTo(low.add(range)) < 0;
        }
    }
}
