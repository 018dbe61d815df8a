package dev.gatun;

import dev.gatun.foreign.Context;

/** What draws the next positions of some samples, by one method. */
interface Stepper {
    /** Draws so many more, at most those that are left. */
    void advance(Context context, int positions);

    /** Refuses to draw what is not left. */
    static void check(int positions, int position, int length) {
        if (positions < 0 || positions > length - position) {
            throw new IllegalArgumentException(positions + " steps at position " + position + " of " + length);
        }
    }

    /** The next position of the chain. */
    int position();

    /** Back to position 0, with the same noise. */
    void restart(Context context);

    /** Passes of single samples so far, whole or over windows: a batch of eight counts eight. */
    default long passes() {
        return 0;
    }

    /** How many passes over all positions of a sample are as much as these have computed. */
    default double wholePasses() {
        return passes();
    }
}
