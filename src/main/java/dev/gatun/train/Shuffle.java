package dev.gatun.train;

import dev.gatun.tensor.Philox;

/** The order in which an epoch takes the examples: a function of seed and epoch alone. */
final class Shuffle {
    /** Keeps these draws apart from those of sampling and initialisation under the same seed. */
    private static final int PURPOSE = 0x73687566;

    private Shuffle() {}

    /** A permutation of 0 .. count-1 (Fisher-Yates). */
    static int[] order(int count, long seed, int epoch) {
        int[] order = new int[count];
        for (int i = 0; i < count; i++) {
            order[i] = i;
        }
        for (int i = count - 1; i > 0; i--) {
            long word = Integer.toUnsignedLong(Philox.word(seed, epoch, i, PURPOSE));
            int j = (int) ((word * (i + 1L)) >>> 32);
            int swapped = order[i];
            order[i] = order[j];
            order[j] = swapped;
        }
        return order;
    }
}
