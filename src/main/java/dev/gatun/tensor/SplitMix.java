package dev.gatun.tensor;

/** SplitMix64 (Steele et al. 2014): for numbers that need no more than to look independent. */
public final class SplitMix {
    private SplitMix() {}

    /** Its output for a counter. */
    public static long mixed(long counter) {
        long z = counter * 0x9E3779B97F4A7C15L;
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }
}
