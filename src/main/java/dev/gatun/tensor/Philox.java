package dev.gatun.tensor;

/**
 * Counter-based noise: Philox4x32-10 (Salmon et al. 2011). A draw depends on its seed and its counter (sample, position,
 * k) and on nothing else, so that neither batch size nor threads nor machine change it.
 *
 * <p>All methods are pure functions and safe for use by any thread.
 */
public final class Philox {
    private static final long MULTIPLIER_0 = 0xD2511F53L;
    private static final long MULTIPLIER_1 = 0xCD9E8D57L;
    private static final int WEYL_0 = 0x9E3779B9;
    private static final int WEYL_1 = 0xBB67AE85;
    private static final int ROUNDS = 10;
    private static final long LOW = 0xFFFFFFFFL;

    private Philox() {}

    /**
     * The generator's first 32-bit word for the key {@code seed} and the counter (k, position, sample low, sample high).
     *
     * @param seed the key, 64 bits
     * @param sample the sample's number, 64 bits
     * @param position the position, 32 bits
     * @param k which draw of that position, 32 bits
     */
    public static int word(long seed, long sample, int position, int k) {
        int c0 = k;
        int c1 = position;
        int c2 = (int) sample;
        int c3 = (int) (sample >>> 32);
        int key0 = (int) seed;
        int key1 = (int) (seed >>> 32);
        for (int round = 0; round < ROUNDS; round++) {
            long product0 = MULTIPLIER_0 * (c0 & LOW);
            long product1 = MULTIPLIER_1 * (c2 & LOW);
            c0 = (int) (product1 >>> 32) ^ c1 ^ key0;
            c1 = (int) product1;
            c2 = (int) (product0 >>> 32) ^ c3 ^ key1;
            c3 = (int) product0;
            key0 += WEYL_0;
            key1 += WEYL_1;
        }
        return c0;
    }

    /**
     * The k-th uniform that {@code position} of sample number {@code sample} draws: an odd multiple of 2^-24, so strictly
     * inside (0, 1) and exact in float32.
     */
    public static float uniform(long seed, long sample, int position, int k) {
        return (word(seed, sample, position, k) >>> 9) * 0x1p-23f + 0x1p-24f;
    }
}
