package dev.gatun;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Whether learned forecasts are better than what the pass before drew, by how far ahead: both are kept until the values are known, and
 * the one that has been right more often, of those that differed, is the forecast from then on. Heads that have learnt little
 * so cost next to nothing.
 */
final class ForecastChoice {
    /** Old experience that counts: farther apart the two are not. */
    private static final int MOST = 64;

    /** By how much learned forecasts were right more often, by positions ahead. */
    private final int[] better;
    /** The candidates at each place of a batch: where, how far ahead, what was drawn, what is learned. */
    private final int[][] candidates;

    private final int[] counts;

    private static final int FIELDS = 4;

    ForecastChoice(int batch, int horizon, int channels) {
        better = new int[horizon + 1];
        counts = new int[batch];
        candidates = new int[horizon == 0 ? 0 : batch][FIELDS * horizon * channels];
    }

    /** Forgets the candidates at a place of the batch. */
    void begin(int n) {
        counts[n] = 0;
    }

    /** Compares the last candidates with the values that are right by now, and forgets them. */
    void judge(int n, MemorySegment values, long first, int right) {
        for (int i = 0; i < counts[n]; i++) {
            int[] all = candidates[n];
            int place = all[FIELDS * i];
            int drawn = all[FIELDS * i + 2];
            int learned = all[FIELDS * i + 3];
            if (place < right && drawn != learned) {
                int value = values.getAtIndex(ValueLayout.JAVA_INT, first + place);
                int ahead = all[FIELDS * i + 1];
                int won = (learned == value ? 1 : 0) - (drawn == value ? 1 : 0);
                better[ahead] = Math.clamp(better[ahead] + won, -MOST, MOST);
            }
        }
        counts[n] = 0;
    }

    /** Keeps two candidates for a place. */
    void add(int n, int place, int ahead, int drawn, int learned) {
        int at = FIELDS * counts[n]++;
        candidates[n][at] = place;
        candidates[n][at + 1] = ahead;
        candidates[n][at + 2] = drawn;
        candidates[n][at + 3] = learned;
    }

    /** Whether the learned one is the forecast. */
    boolean learned(int ahead) {
        return better[ahead] >= 0;
    }
}
