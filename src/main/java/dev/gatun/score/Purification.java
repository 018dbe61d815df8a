package dev.gatun.score;

import dev.gatun.Condition;
import dev.gatun.Conditionals;
import dev.gatun.Examples;
import dev.gatun.LevelDistribution;
import dev.gatun.Model;
import dev.gatun.family.DataSpec;
import java.util.function.IntConsumer;

/**
 * Greedy purification (PixelDefend: Song et al. 2018, algorithm 1): position by position in the model's order, each value becomes
 * the likeliest level within a distance of what it was, given what the values before it have become. Of an adversarial example,
 * which lies where the model expects none, it makes one near to it that is likely, without knowing anything of the attack.
 *
 * <p>It costs what cached sampling of as many samples costs. The result depends on the model and the example alone: not on the
 * others, threads or the machine.
 */
public final class Purification {
    private final Model model;
    private final int distance;

    /**
     * Purification by a model.
     *
     * @param distance how far a value may be moved, in levels, at least 0; the paper has 16 of 256 levels
     * @throws IllegalArgumentException if the distance is below 0, or the model's values are no levels in an order: reals and the
     *     characters of texts
     */
    public Purification(Model model, int distance) {
        DataSpec data = model.config().data();
        if (data.levels() == 0 || data instanceof DataSpec.Text) {
            throw new IllegalArgumentException("purification: found data of kind \"" + data.kind()
                    + "\", expected levels in an order: images, audio, or sequences of levels");
        }
        if (distance < 0) {
            throw new IllegalArgumentException("distance: found " + distance + ", expected at least 0");
        }
        this.model = model;
        this.distance = distance;
    }

    /**
     * Purifies examples.
     *
     * @param condition a row for each
     * @param progress takes the number of positions that are done, of all examples together
     * @return as many examples, in the layout of the data
     * @throws IllegalArgumentException if the examples are not of the model's kind, length or levels, or the model is an ensemble
     */
    public Examples of(Examples examples, Condition condition, IntConsumer progress) {
        int length = examples.length();
        int[] all = new int[Math.multiplyExact(examples.count(), length)];
        if (all.length > 0) {
            int group = group(examples);
            for (int first = 0; first < examples.count(); first += group) {
                int end = Math.min(first + group, examples.count());
                Condition rows = condition.rows() == 0 ? condition : condition.slice(first, end);
                purify(examples, first, end, rows, all, progress);
            }
        }
        return Examples.ofLevels(examples.count(), length, all);
    }

    /** Examples side by side: as many as their states allow. */
    private int group(Examples examples) {
        return model.device().walksTogether(model.plan(examples.length()).stateFloats(), examples.count());
    }

    private void purify(Examples examples, int first, int end, Condition rows, int[] into, IntConsumer progress) {
        int length = examples.length();
        int count = end - first;
        int[] positions = positions(examples, first, end);
        int[] taken = new int[count];
        try (Conditionals walks = model.conditionals(count, length, rows)) {
            while (walks.taken() < length) {
                int position = walks.position();
                for (int n = 0; n < count; n++) {
                    int at = n * length + position;
                    taken[n] = likeliest(walks.level(n), positions[at]);
                    positions[at] = taken[n];
                }
                walks.take(taken);
                progress.accept(first * length + count * walks.taken());
            }
        }
        for (int n = 0; n < count; n++) {
            model.config().data().toLayout(positions, n * length, into, (first + n) * length, length);
        }
    }

    /** Examples in the order of positions, checked. */
    private int[] positions(Examples examples, int first, int end) {
        DataSpec data = model.config().data();
        int length = examples.length();
        int[] positions = new int[Math.multiplyExact(end - first, length)];
        int[] layout = new int[length];
        for (int n = first; n < end; n++) {
            examples.copyLevels(n, layout, 0);
            for (int i = 0; i < length; i++) {
                if (layout[i] < 0 || layout[i] >= data.levels()) {
                    throw new IllegalArgumentException("examples: found level " + layout[i] + " at value " + i
                            + " of example " + n + ", expected 0.." + (data.levels() - 1));
                }
            }
            data.toPositions(layout, 0, positions, (n - first) * length, length);
        }
        return positions;
    }

    /** The likeliest level within the distance; of equals the nearest, and of two as near the lower one. */
    private int likeliest(LevelDistribution distribution, int given) {
        int least = Math.max(0, given - distance);
        int most = (int) Math.min((long) given + distance, distribution.levels() - 1);
        int best = given;
        long highest = distribution.frequency(given);
        for (int level = least; level <= most; level++) {
            long frequency = distribution.frequency(level);
            boolean nearer = Math.abs(level - given) < Math.abs(best - given);
            if (frequency > highest || (frequency == highest && nearer)) {
                best = level;
                highest = frequency;
            }
        }
        return best;
    }
}
